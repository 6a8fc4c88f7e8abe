// A table before it is text: rows of cells that know how they look, sort and travel.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memtrack {

struct Cell {
  std::string text;  // as shown; safe for a terminal
  std::string csv;   // for programs: bytes and seconds as plain numbers, names as they are told
  std::optional<double> number;  // to sort by; nothing: sorted by `csv`
};

struct Column {
  std::string title;  // "PSS"; in lower case the name for `-s` and in CSV
  bool is_number = true;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<Cell> totals;  // empty: none
};

// Columns that fit `width` characters; 0: as wide as they have to be. Numbers are never cut; names
// are, with "..." at the end, the longest first.
std::string RenderText(const Table& table, std::size_t width);

// RFC 4180, with a line of names, without totals. What is not to be printed is an escape, as in
// Displayable().
std::string RenderCsv(const Table& table);

// Numbers: largest first; names: by alphabet. False if there is no such column.
bool SortBy(Table& table, std::string_view column, bool is_reversed);

// "pss, uss, ...", for a message.
std::string ColumnNames(const Table& table);

}  // namespace memtrack
