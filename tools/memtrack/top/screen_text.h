// Text in the cells of a terminal: a Chinese character takes two, an accent none.
//
// All of it expects valid UTF-8 without control characters, as Displayable() makes it; what is not
// valid counts one cell a byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memtrack::top {

// Takes the first character of `text` away, which must not be empty.
char32_t TakeCharacter(std::string_view& text);

// Nothing for what is no character.
std::string Utf8Of(char32_t character);

// 0, 1 or 2.
std::size_t CellsOf(char32_t character);
std::size_t CellsOf(std::string_view text);

// The beginning, with "..." at its end where something is missing; at most `width` cells.
std::string CutEnd(std::string_view text, std::size_t width);
// The end, at most `width` cells.
std::string CutBegin(std::string_view text, std::size_t width);

// Exactly `width` cells: cut at the end, or filled with blanks behind (before) it.
std::string PaddedBehind(std::string_view text, std::size_t width);
std::string PaddedBefore(std::string_view text, std::size_t width);

// Broken between words into lines of at most `width` cells; words that are longer are cut.
std::vector<std::string> Wrapped(std::string_view text, std::size_t width);

}  // namespace memtrack::top
