#include "samples/decoder/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace samples {
namespace {

// The length of the UTF-8 sequence that `text` begins with, if it is a sound and printable one;
// else 0. Control characters are those below U+0020 and from U+007F to U+009F; U+202A to U+202E
// and U+2066 to U+2069 turn the direction of what follows.
std::size_t PrintableLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  char32_t code = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
    code = code << 6 | (at(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0xa0, 0x800, 0x10000};
  const bool is_sound =
      code >= kSmallest[length] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  const bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return is_sound && !turns ? length : 0;
}

using Cells = std::array<std::string, 7>;
constexpr std::array<bool, 7> kIsNumber = {false, false, true, true, true, true, true};
constexpr std::string_view kGap = "  ";

std::string_view NameOf(Format format) {
  switch (format) {
    case Format::kPng: return "PNG";
    case Format::kJpeg: return "JPEG";
    case Format::kUnknown: break;
  }
  return "?";
}

// 64,000,000
std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

Cells CellsOf(const Row& row) {
  const Figures& figures = row.figures;
  return {Printable(row.file),
          std::string(NameOf(figures.format)),
          fmt::format("{} x {}", figures.size.width, figures.size.height),
          fmt::format("{:.1f}", figures.decode_time.count()),
          Grouped(figures.bytes_handed_over),
          Grouped(figures.bytes_copied),
          Grouped(figures.bytes_in_messages)};
}

// Columns on a terminal, roughly: one for each code point.
std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

std::string Padded(const std::string& cell, std::size_t width, bool is_number) {
  const std::string padding(width - std::min(width, WidthOf(cell)), ' ');
  return is_number ? padding + cell : cell + padding;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::size_t length = PrintableLength(text);
    if (length == 0) {
      printable += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else {
      printable += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return printable;
}

std::string FormatTable(const std::vector<Row>& rows) {
  const Cells heading = {"file",        "format", "width x height", "decode ms",
                         "handed over", "copied", "messages"};
  std::array<std::size_t, 7> widths = {};
  const auto widen = [&](const Cells& cells, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) widths[i] = std::max(widths[i], WidthOf(cells[i]));
  };
  widen(heading, heading.size());
  for (const Row& row : rows) widen(CellsOf(row), row.problem.empty() ? heading.size() : 1);

  std::string table;
  const auto print = [&](const Cells& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      table += Padded(cells[i], widths[i], kIsNumber[i]);
      table += i + 1 < cells.size() ? kGap : "\n";
    }
  };
  print(heading);
  for (const Row& row : rows) {
    if (row.problem.empty()) {
      print(CellsOf(row));
    } else {
      table += Padded(Printable(row.file), widths[0], false);
      table += fmt::format("{}error: {}\n", kGap, Printable(row.problem));
    }
  }
  return table;
}

ProgressLine::ProgressLine(std::size_t total)
    : total_(total), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (is_terminal_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::Show(std::size_t number, std::string_view name) const {
  constexpr std::size_t kLongest = 60;  // a longer line would not be wiped away
  if (!is_terminal_) return;
  const std::string shown = Printable(name.substr(0, kLongest));
  std::fputs(fmt::format("\r\x1b[K[{}/{}] {}", number, total_, shown).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace samples
