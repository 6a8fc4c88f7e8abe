#include "tools/memtrack/model/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace memtrack {
namespace {

constexpr std::int64_t kNanosInSecond = 1'000'000'000;

std::string HumanAmount(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1023.95 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

}  // namespace

std::string Named(const Process& process) {
  return fmt::format("{} ({})", process.command.empty() ? "?" : Displayable(process.command),
                     process.key.pid);
}

std::string Named(const Model& model, const ProcessKey& key) {
  const ProcessUse* use = FindProcess(model, key);
  return use != nullptr ? Named(use->process) : fmt::format("process {}", key.pid);
}

std::string NamedAll(const Model& model, const std::vector<ProcessKey>& keys) {
  constexpr std::size_t kMostNames = 3;
  if (keys.empty()) return "nobody";
  const std::size_t shown = keys.size() <= kMostNames ? keys.size() : kMostNames - 1;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == keys.size();
    if (i > 0) text += is_last ? " and " : ", ";
    text += Named(model, keys[i]);
  }
  if (shown < keys.size()) text += fmt::format(" and {} more", keys.size() - shown);
  return text;
}

std::string_view FirstCharacters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool goes_on = (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80;
    if (!goes_on && seen++ == count) break;
  }
  return text.substr(0, end);
}

std::string Human(std::uint64_t bytes) {
  return HumanAmount(static_cast<double>(bytes));
}

std::string HumanChange(std::int64_t bytes) {
  return (bytes < 0 ? "-" : "+") + HumanAmount(std::abs(static_cast<double>(bytes)));
}

std::string Counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string Lasting(std::int64_t nanos) {
  const std::int64_t seconds = nanos / kNanosInSecond;
  if (seconds < 1) return fmt::format("{} ms", nanos / 1'000'000);
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string ClockTime(std::int64_t nanos) {
  const std::int64_t in_day = ((nanos / kNanosInSecond) % 86400 + 86400) % 86400;
  return fmt::format("{:02}:{:02}:{:02}Z", in_day / 3600, in_day / 60 % 60, in_day % 60);
}

std::string Displayable(std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 0x7f; };
  if (std::ranges::all_of(text, is_plain)) return std::string(text);
  const std::string quoted = fmt::format("{:?}", text);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace memtrack
