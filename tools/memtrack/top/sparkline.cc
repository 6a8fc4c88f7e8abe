#include "tools/memtrack/top/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace memtrack::top {
namespace {

constexpr std::array kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array kPlainBars = {"_", ".", "-", ":", "=", "+", "*", "#"};

}  // namespace

std::string Sparkline(std::span<const double> values, bool has_unicode) {
  double lowest = 0;
  double highest = 0;
  for (const double value : values) {
    if (value <= 0) continue;
    lowest = lowest > 0 ? std::min(lowest, value) : value;
    highest = std::max(highest, value);
  }
  const auto& bars = has_unicode ? kBars : kPlainBars;
  const double step = (highest - lowest) / static_cast<double>(bars.size() - 1);
  std::string text;
  for (const double value : values) {
    if (value <= 0) {
      text += " ";
      continue;
    }
    const double height = step > 0 ? std::round((value - lowest) / step) : 0;
    text += bars[std::min(static_cast<std::size_t>(height), bars.size() - 1)];
  }
  return text;
}

}  // namespace memtrack::top
