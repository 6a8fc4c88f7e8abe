#include "samples/decoder/terminal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace samples {
namespace {

// A sound UTF-8 sequence at the beginning of a text; length 0: there is none.
struct Letter {
  std::size_t length = 0;  // bytes
  char32_t code = 0;
};

Letter FirstLetter(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return {1, first};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  char32_t code = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (at(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_sound =
      code >= kSmallest[length] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return is_sound ? Letter{length, code} : Letter{};
}

struct Range {
  char32_t first;
  char32_t last;
};

bool IsIn(std::span<const Range> ranges, char32_t code) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// Control characters, line breaks, and what turns the direction of what follows.
constexpr std::array kObeyed = std::to_array<Range>(
    {{0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}});

// Unicode's East Asian Width, wide and full, in large steps.
constexpr std::array kWide = std::to_array<Range>({{0x1100, 0x115f},
                                                   {0x2e80, 0xa4cf},
                                                   {0xac00, 0xd7a3},
                                                   {0xf900, 0xfaff},
                                                   {0xfe30, 0xfe6f},
                                                   {0xff00, 0xff60},
                                                   {0xffe0, 0xffe6},
                                                   {0x1f300, 0x1faff},
                                                   {0x20000, 0x3fffd}});

std::size_t Columns(char32_t code) {
  return IsIn(kWide, code) ? 2 : 1;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const Letter letter = FirstLetter(text);
    if (letter.length == 0 || IsIn(kObeyed, letter.code)) {
      printable += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else {
      printable += text.substr(0, letter.length);
      text.remove_prefix(letter.length);
    }
  }
  return printable;
}

std::size_t ColumnsOf(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Letter letter = FirstLetter(text);
    columns += Columns(letter.code);
    text.remove_prefix(std::max<std::size_t>(letter.length, 1));
  }
  return columns;
}

std::string_view CutToColumns(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    const Letter letter = FirstLetter(text.substr(end));
    const std::size_t wanted = Columns(letter.code);
    if (wanted > columns) break;
    columns -= wanted;
    end += std::max<std::size_t>(letter.length, 1);
  }
  return text.substr(0, end);
}

}  // namespace samples
