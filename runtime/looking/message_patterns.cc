#include "runtime/looking/message_patterns.h"

#include <algorithm>

namespace baton::internal {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Where the message begins behind the protocol: at a colon that is not half of a `::`.
std::size_t FindColon(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != ':') continue;
    if (at + 1 == pattern.size() || pattern[at + 1] != ':') return at;
    ++at;
  }
  return std::string_view::npos;
}

std::string_view LastPart(std::string_view name) {
  const std::size_t colons = name.rfind("::");
  return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

}  // namespace

// Remembers the last star: when what follows it does not fit, the star takes one character more.
bool FitsWildcards(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;  // where in `text` that which follows the star was tried
  for (std::size_t next = 0; next < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = next;
    } else if (at < pattern.size() && pattern[at] == text[next]) {
      ++at;
      ++next;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      next = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

Result<MessagePatterns::Pattern> MessagePatterns::ParseOne(std::string_view text) {
  const std::size_t colon = FindColon(text);
  Pattern pattern = {std::string(Trimmed(text.substr(0, colon))), "*"};
  if (colon != std::string_view::npos) pattern.message = Trimmed(text.substr(colon + 1));
  if (pattern.protocol.empty() || pattern.message.empty()) return Fail(Errc::kInvalidValue);
  return pattern;
}

Result<MessagePatterns> MessagePatterns::Parse(std::string_view text) {
  MessagePatterns patterns;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    std::string_view one = Trimmed(text.substr(0, comma));
    if (!is_last) text.remove_prefix(comma + 1);
    if (one.empty()) continue;
    const bool is_minus = one.front() == '-';
    if (is_minus) one.remove_prefix(1);
    BATON_TRY(Pattern pattern, ParseOne(one));
    (is_minus ? patterns.unwanted_ : patterns.wanted_).push_back(std::move(pattern));
  }
  if (patterns.wanted_.empty() && patterns.unwanted_.empty()) return Fail(Errc::kInvalidValue);
  if (patterns.wanted_.empty()) patterns.wanted_.push_back({"*", "*"});
  return patterns;
}

bool MessagePatterns::FitsProtocol(const Pattern& pattern, std::string_view protocol) {
  return FitsWildcards(pattern.protocol, protocol) ||
         FitsWildcards(pattern.protocol, LastPart(protocol));
}

bool MessagePatterns::Select(std::string_view message) const {
  const std::string_view name = LastPart(message);
  std::string_view protocol = message.substr(0, message.size() - name.size());
  if (protocol.ends_with("::")) protocol.remove_suffix(2);
  const auto fits = [&](const Pattern& pattern) {
    return FitsProtocol(pattern, protocol) && FitsWildcards(pattern.message, name);
  };
  return std::ranges::any_of(wanted_, fits) && std::ranges::none_of(unwanted_, fits);
}

bool MessagePatterns::SelectProtocol(std::string_view protocol) const {
  const auto fits = [&](const Pattern& pattern) { return FitsProtocol(pattern, protocol); };
  const auto fits_whole = [&](const Pattern& pattern) {
    return FitsProtocol(pattern, protocol) && FitsWildcards(pattern.message, "*");
  };
  return std::ranges::any_of(wanted_, fits) && std::ranges::none_of(unwanted_, fits_whole);
}

}  // namespace baton::internal
