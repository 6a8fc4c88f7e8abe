// Source text as it looks on a terminal: one cell after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace batonc {

struct DisplayedText {
  std::string text;  // safe to print: tabs expanded, everything else printable
  // By byte of the original, and one more for its end: the column, from 0, where it is shown.
  std::vector<std::size_t> column_of;
};

// `line` holds no line break. Wide characters (East Asian, emoji) count two columns, combining
// marks none.
DisplayedText DisplayLine(std::string_view line);

// The same for text within a message.
std::string Displayable(std::string_view text);

// Where the first byte is that belongs to no character of UTF-8, or is NUL; npos when all of it is
// text.
std::size_t FirstNotUtf8(std::string_view text);

}  // namespace batonc
