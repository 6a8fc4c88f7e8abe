#include "tools/memtrack/top/layout.h"

#include <algorithm>

namespace memtrack::top {
namespace {

// Of names and trends: below the first a column goes instead, the second stands where none can.
constexpr std::size_t kNarrow = 16;
constexpr std::size_t kNarrowest = 8;

std::size_t WidthOf(const Layout& layout) {
  std::size_t sum = layout.gap * (layout.columns.size() - 1);
  for (const PlacedColumn& column : layout.columns) sum += column.width;
  return sum;
}

// Takes from the widest that can be cut until all fit, or nothing can be taken any more.
bool Shrink(std::span<const Field> fields, std::size_t width, std::size_t narrowest,
            Layout& layout) {
  for (std::size_t sum = WidthOf(layout); sum > width; --sum) {
    PlacedColumn* widest = nullptr;
    for (PlacedColumn& column : layout.columns) {
      const bool is_fixed = fields[column.field].kind == FieldKind::kNumber;
      if (is_fixed || column.width <= narrowest) continue;
      if (widest == nullptr || column.width > widest->width) widest = &column;
    }
    if (widest == nullptr) return false;
    --widest->width;
  }
  return true;
}

// False when all that are left have to stay.
bool DropOne(std::span<const Field> fields, std::vector<std::size_t>& shown) {
  const auto rank = [&](std::size_t field) { return fields[field].rank; };
  const auto least = std::ranges::max_element(shown, {}, rank);
  if (rank(*least) == 0) return false;
  shown.erase(least);
  return true;
}

}  // namespace

Layout LayOut(std::span<const Field> fields, std::span<const std::size_t> widths,
              std::size_t width) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < fields.size(); ++i) shown.push_back(i);
  for (;;) {
    Layout layout;
    for (const std::size_t field : shown) layout.columns.push_back({field, widths[field]});
    if (WidthOf(layout) > width) layout.gap = 1;
    if (!Shrink(fields, width, kNarrow, layout)) {
      if (DropOne(fields, shown)) continue;
      (void)Shrink(fields, width, kNarrowest, layout);
    }
    PlacedColumn& last = layout.columns.back();
    const std::size_t sum = WidthOf(layout);
    if (sum < width && fields[last.field].kind == FieldKind::kName) last.width += width - sum;
    return layout;
  }
}

}  // namespace memtrack::top
