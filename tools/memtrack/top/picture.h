// What is to be seen, before it is on a terminal: lines of text with a look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace memtrack::top {

enum class Look : std::uint8_t {
  kPlain,
  kStrong,
  kFaint,
  kTitle,        // of a column
  kSortedTitle,  // of the one that decides about the order
  kSelected,
  kLeak,
  kRisk,
};

// Safe for a terminal: no control characters, valid UTF-8.
struct Span {
  std::string text;
  Look look = Look::kPlain;
};

using Line = std::vector<Span>;

// Where it is drawn. Characters; a window can be of any size, none included.
struct Canvas {
  std::size_t width = 80;
  std::size_t height = 24;
  bool has_unicode = true;  // false: bars of ASCII
};

// At most Canvas::height lines, none wider than Canvas::width.
struct Picture {
  std::vector<Line> lines;
};

// Without looks, a line break behind each line, blanks at the ends of lines left out.
std::string TextOf(const Picture& picture);

}  // namespace memtrack::top
