#include "tools/memtrack/model/attributes.h"

#include <charconv>
#include <string_view>

namespace memtrack {
namespace {

constexpr std::string_view kPrefix = "baton:";

// A decimal number and nothing else.
std::optional<int> ParsePid(std::string_view text) {
  int pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size() || pid <= 0) return std::nullopt;
  return pid;
}

std::string AttributeOf(const Segment& segment, const char* name) {
  const auto found = segment.attributes.find(name);
  return found == segment.attributes.end() ? std::string() : found->second;
}

void ReadName(std::string_view name, BatonFacts& facts) {
  name.remove_prefix(kPrefix.size());
  const std::size_t colon = name.rfind(':');
  facts.protocol = name.substr(0, colon);
  if (colon == std::string_view::npos) return;
  facts.is_ring = name.substr(colon + 1) == "ring";
}

}  // namespace

std::optional<BatonFacts> BatonFactsOf(const Segment& segment) {
  const std::string protocol = AttributeOf(segment, "protocol");
  const bool has_name = segment.name.starts_with(kPrefix);
  if (protocol.empty() && !has_name) return std::nullopt;
  BatonFacts facts;
  if (has_name) ReadName(segment.name, facts);
  if (!protocol.empty()) facts.protocol = protocol;
  if (AttributeOf(segment, "kind") == "ring") facts.is_ring = true;
  facts.creator = ParsePid(AttributeOf(segment, "creator"));
  return facts;
}

}  // namespace memtrack
