#include "tools/memtrack/top/screen_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace memtrack::top {
namespace {

constexpr std::string_view kDots = "...";

struct Range {
  char32_t first;
  char32_t last;
};

// Sorted. Marks that stand on the character before them, and what is not to be seen.
constexpr std::array kNarrowest = {
    Range{0x0300, 0x036f},   Range{0x0483, 0x0489}, Range{0x0591, 0x05bd}, Range{0x0610, 0x061a},
    Range{0x064b, 0x065f},   Range{0x06d6, 0x06dc}, Range{0x093c, 0x093c}, Range{0x0941, 0x0948},
    Range{0x0e31, 0x0e31},   Range{0x0e34, 0x0e3a}, Range{0x0e47, 0x0e4e}, Range{0x1ab0, 0x1aff},
    Range{0x1dc0, 0x1dff},   Range{0x200b, 0x200f}, Range{0x202a, 0x202e}, Range{0x2060, 0x206f},
    Range{0x20d0, 0x20ff},   Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}, Range{0xfeff, 0xfeff},
    Range{0xe0100, 0xe01ef},
};

// Sorted. East Asian characters and pictures.
constexpr std::array kWidest = {
    Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0x33ff},
    Range{0x3400, 0x4dbf},   Range{0x4e00, 0x9fff},   Range{0xa000, 0xa4cf},
    Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},
    Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
    Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd},
};

bool IsIn(const auto& ranges, char32_t character) {
  const auto at = std::ranges::lower_bound(ranges, character, {}, &Range::last);
  return at != ranges.end() && at->first <= character;
}

bool Continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Bytes of the character that begins with `first`; 1 for what begins none.
std::size_t LengthFrom(unsigned char first) {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc0 ? 2 : 1;
}

}  // namespace

char32_t TakeCharacter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = LengthFrom(first);
  const std::string_view rest = text.substr(1, length - 1);
  if (length == 1 || rest.size() + 1 != length || !std::ranges::all_of(rest, Continues)) {
    text.remove_prefix(1);
    return first;
  }
  char32_t character = first & (0xffU >> (length + 1));
  for (const char c : rest) character = character << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  text.remove_prefix(length);
  return character;
}

std::string Utf8Of(char32_t character) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  const auto more = [&](unsigned shift) { return byte(0x80 | (character >> shift & 0x3f)); };
  if (character < 0x80) return {byte(character)};
  if (character < 0x800) return {byte(0xc0 | character >> 6), more(0)};
  if (character >= 0xd800 && character < 0xe000) return "";
  if (character < 0x10000) return {byte(0xe0 | character >> 12), more(6), more(0)};
  if (character > 0x10ffff) return "";
  return {byte(0xf0 | character >> 18), more(12), more(6), more(0)};
}

std::size_t CellsOf(char32_t character) {
  if (character < 0x300) return 1;
  if (IsIn(kNarrowest, character)) return 0;
  return IsIn(kWidest, character) ? 2 : 1;
}

std::size_t CellsOf(std::string_view text) {
  std::size_t cells = 0;
  while (!text.empty()) cells += CellsOf(TakeCharacter(text));
  return cells;
}

std::string CutEnd(std::string_view text, std::size_t width) {
  if (CellsOf(text) <= width) return std::string(text);
  const std::size_t room = width > kDots.size() ? width - kDots.size() : 0;
  std::string_view rest = text;
  std::size_t kept = 0;
  for (std::size_t cells = 0;;) {
    cells += CellsOf(TakeCharacter(rest));
    if (cells > room) break;
    kept = text.size() - rest.size();
  }
  return std::string(text.substr(0, kept)) +
         std::string(kDots.substr(0, std::min(width, kDots.size())));
}

std::string CutBegin(std::string_view text, std::size_t width) {
  for (std::size_t cells = CellsOf(text); cells > width;) cells -= CellsOf(TakeCharacter(text));
  return std::string(text);
}

std::string PaddedBehind(std::string_view text, std::size_t width) {
  std::string cut = CutEnd(text, width);
  cut.append(width - CellsOf(cut), ' ');
  return cut;
}

std::string PaddedBefore(std::string_view text, std::size_t width) {
  const std::string cut = CutEnd(text, width);
  return std::string(width - CellsOf(cut), ' ') + cut;
}

std::vector<std::string> Wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string word = CutEnd(text.substr(0, space), width);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    const bool fits = !lines.empty() && CellsOf(lines.back()) + 1 + CellsOf(word) <= width;
    if (fits) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

}  // namespace memtrack::top
