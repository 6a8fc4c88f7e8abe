#include "compiler/diag/displayed_text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace batonc {
namespace {

constexpr std::size_t kTabStop = 4;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode's East Asian wide and fullwidth blocks, and emoji.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
// Combining marks and joiners.
constexpr Range kNoWidth[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
    {0x064b, 0x065f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};
// Controls, and marks that change the direction of what follows.
constexpr Range kUnsafe[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
};

template <std::size_t n>
bool IsIn(const Range (&ranges)[n], std::uint32_t character) {
  return std::ranges::any_of(ranges, [character](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

struct Character {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool is_valid = false;
};

Character FirstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  std::uint32_t value = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte & 0x3fu);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[length] || value > 0x10ffff || is_surrogate) return {};
  return {value, length, true};
}

}  // namespace

DisplayedText DisplayLine(std::string_view line) {
  DisplayedText displayed;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const Character character = FirstCharacter(line.substr(at));
    displayed.column_of.insert(displayed.column_of.end(), character.length, column);
    if (line[at] == '\t') {
      const std::size_t spaces = kTabStop - column % kTabStop;
      displayed.text.append(spaces, ' ');
      column += spaces;
    } else if (!character.is_valid || IsIn(kUnsafe, character.value)) {
      displayed.text.append(kReplacement);
      ++column;
    } else {
      displayed.text.append(line.substr(at, character.length));
      column += IsIn(kNoWidth, character.value) ? 0 : IsIn(kWide, character.value) ? 2 : 1;
    }
    at += character.length;
  }
  displayed.column_of.push_back(column);
  return displayed;
}

std::size_t FirstNotUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at] - 1) < 0x7f) {  // neither NUL nor a longer character
      ++at;
      continue;
    }
    const Character character = FirstCharacter(text.substr(at));
    if (!character.is_valid || character.value == 0) return at;
    at += character.length;
  }
  return std::string_view::npos;
}

std::string Displayable(std::string_view text) {
  return DisplayLine(text).text;
}

}  // namespace batonc
