#include "samples/decoder/report.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "samples/decoder/terminal_text.h"

namespace samples {
namespace {

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

// Of standard error. A terminal that does not know has as many as the first ones.
std::size_t TerminalColumns() {
  winsize size = {};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

std::string Padded(const std::string& cell, std::size_t width, bool is_number) {
  const std::string padding(width - std::min(width, ColumnsOf(cell)), ' ');
  return is_number ? padding + cell : cell + padding;
}

}  // namespace

std::string FormatTable(const std::vector<Row>& rows) {
  const Cells heading = {"file",        "format", "width x height", "decode ms",
                         "handed over", "copied", "messages"};
  std::array<std::size_t, 7> widths = {};
  const auto widen = [&](const Cells& cells, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) widths[i] = std::max(widths[i], ColumnsOf(cells[i]));
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

std::string ProgressText(std::size_t number, std::size_t total, std::string_view name,
                         std::size_t columns) {
  const std::string text = fmt::format("[{}/{}] {}", number, total, Printable(name));
  return std::string(CutToColumns(text, columns));
}

ProgressLine::ProgressLine(std::size_t total)
    : total_(total), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (is_terminal_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::Show(std::size_t number, std::string_view name) const {
  if (!is_terminal_) return;
  // The last column stays free: some terminals begin a new line once it is taken.
  const std::string text = ProgressText(number, total_, name, TerminalColumns() - 1);
  std::fputs(("\r\x1b[K" + text).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace samples
