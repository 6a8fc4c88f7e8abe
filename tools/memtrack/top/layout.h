// Which columns a window has room for, and how wide they are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/memtrack/top/fields.h"

namespace memtrack::top {

struct PlacedColumn {
  std::size_t field = 0;
  std::size_t width = 0;
};

struct Layout {
  std::vector<PlacedColumn> columns;
  std::size_t gap = 2;  // between two of them
};

// `widths` are those that the fields would like to have. First the gaps get narrow, then names and
// trends, then columns are left out. What stays may still be too wide for a very small window.
Layout LayOut(std::span<const Field> fields, std::span<const std::size_t> widths,
              std::size_t width);

}  // namespace memtrack::top
