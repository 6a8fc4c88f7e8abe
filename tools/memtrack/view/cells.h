// Cells of the kinds that tables have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/memtrack/view/table.h"

namespace memtrack {

struct CellOptions {
  bool is_human = false;  // 7.1M instead of 7270 (KiB)
};

Cell BytesCell(std::uint64_t bytes, const CellOptions& options);
// The same with "~" before it where it is estimated; "?" and an empty value where it is unknown.
Cell BytesCell(std::optional<std::uint64_t> bytes, bool is_estimated, const CellOptions& options);
// With a sign; nothing for no change.
Cell ByteChangeCell(double bytes, const CellOptions& options);
Cell CountChangeCell(double count);
Cell CountCell(std::uint64_t count);
Cell TextCell(const std::string& text);
// Nanoseconds, as "12 s" and in seconds.
Cell AgeCell(std::optional<std::int64_t> nanos);

}  // namespace memtrack
