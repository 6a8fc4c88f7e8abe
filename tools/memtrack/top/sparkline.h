// A row of numbers as a row of bars, one cell each.
#pragma once

#include <span>
#include <string>

namespace memtrack::top {

// From the lowest number (the lowest bar) to the highest; all of them lowest when nothing moves. A
// blank where there is nothing (0). Without Unicode: `_.-:=+*#`.
std::string Sparkline(std::span<const double> values, bool has_unicode);

}  // namespace memtrack::top
