#include "tools/memtrack/view/table.h"

#include <algorithm>
#include <cctype>

#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

constexpr std::size_t kNarrowest = 8;  // of a column of names
constexpr std::string_view kGap = "  ";
constexpr std::string_view kNarrowGap = " ";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// In characters, not bytes. Wide ones count as one: then a column is ragged, and no more.
std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Cut(std::string_view text, std::size_t width) {
  constexpr std::string_view kDots = "...";
  if (WidthOf(text) <= width) return std::string(text);
  const std::size_t kept = width > kDots.size() ? width - kDots.size() : 0;
  return std::string(FirstCharacters(text, kept)) + std::string(kDots.substr(0, width - kept));
}

std::vector<std::size_t> WidthsOf(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) widths.push_back(WidthOf(column.title));
  const auto widen = [&](const std::vector<Cell>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(row[i].text));
    }
  };
  for (const auto& row : table.rows) widen(row);
  widen(table.totals);
  return widths;
}

std::size_t SumOf(const std::vector<std::size_t>& widths, std::string_view gap) {
  std::size_t sum = gap.size() * (widths.size() - 1);
  for (const std::size_t one : widths) sum += one;
  return sum;
}

// Takes from the widest column of names until all fit, or nothing can be taken any more.
void Shrink(const Table& table, std::size_t width, std::vector<std::size_t>& widths) {
  std::size_t sum = SumOf(widths, kNarrowGap);
  while (sum > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (table.columns[i].is_number || widths[i] <= kNarrowest) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
    --sum;
  }
}

void AppendCell(std::string_view text, std::size_t width, bool is_right, std::string& line) {
  const std::string cut = Cut(text, width);
  const std::string pad(width - WidthOf(cut), ' ');
  line += is_right ? pad + cut : cut + pad;
}

void AppendLine(std::string line, std::string& text) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

// What a terminal would obey is as harmless here as in a table: a file is looked at, too.
std::string Quoted(const std::string& cell) {
  const std::string text = Displayable(cell);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string RenderText(const Table& table, std::size_t width) {
  if (table.columns.empty()) return "";
  std::vector<std::size_t> widths = WidthsOf(table);
  const bool is_narrow = width > 0 && SumOf(widths, kGap) > width;
  if (is_narrow) Shrink(table, width, widths);
  const std::string_view gap = is_narrow ? kNarrowGap : kGap;
  std::string text;
  const auto append = [&](auto text_of, std::size_t cells) {
    std::string line;
    for (std::size_t i = 0; i < cells; ++i) {
      if (i > 0) line += gap;
      AppendCell(text_of(i), widths[i], table.columns[i].is_number, line);
    }
    AppendLine(std::move(line), text);
  };
  append([&](std::size_t i) { return table.columns[i].title; }, table.columns.size());
  for (const auto& row : table.rows) {
    append([&](std::size_t i) { return row[i].text; }, row.size());
  }
  if (!table.totals.empty()) {
    append([&](std::size_t i) { return std::string(widths[i], '-'); }, table.totals.size());
    append([&](std::size_t i) { return table.totals[i].text; }, table.totals.size());
  }
  return text;
}

std::string RenderCsv(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    text += (i > 0 ? "," : "") + Quoted(Lower(table.columns[i].title));
  }
  text += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? "," : "") + Quoted(row[i].csv);
    text += "\n";
  }
  return text;
}

bool SortBy(Table& table, std::string_view column, bool is_reversed) {
  const auto at = std::ranges::find(table.columns, Lower(column),
                                    [](const Column& one) { return Lower(one.title); });
  if (at == table.columns.end()) return false;
  const auto index = static_cast<std::size_t>(at - table.columns.begin());
  const auto comes_first = [index](const std::vector<Cell>& a, const std::vector<Cell>& b) {
    if (a[index].number && b[index].number) return *a[index].number > *b[index].number;
    if (a[index].number || b[index].number) return a[index].number.has_value();
    return a[index].csv < b[index].csv;
  };
  std::ranges::stable_sort(table.rows, [&](const auto& a, const auto& b) {
    return is_reversed ? comes_first(b, a) : comes_first(a, b);
  });
  return true;
}

std::string ColumnNames(const Table& table) {
  std::string names;
  for (const Column& column : table.columns) {
    names += (names.empty() ? "" : ", ") + Lower(column.title);
  }
  return names;
}

}  // namespace memtrack
