#include "tools/memtrack/view/cells.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

std::string Short(double bytes) {
  constexpr const char* kUnits = "BKMGTPE";
  std::size_t unit = 0;
  while (bytes >= 1023.95 && unit < 6) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f}", bytes) : fmt::format("{:.1f}{}", bytes, kUnits[unit]);
}

std::string Amount(double bytes, const CellOptions& options) {
  return options.is_human ? Short(bytes) : fmt::format("{:.0f}", std::ceil(bytes / 1024));
}

}  // namespace

Cell BytesCell(std::uint64_t bytes, const CellOptions& options) {
  const auto number = static_cast<double>(bytes);
  return {Amount(number, options), std::to_string(bytes), number};
}

Cell BytesCell(std::optional<std::uint64_t> bytes, bool is_estimated, const CellOptions& options) {
  if (!bytes) return {"?", "", std::nullopt};
  Cell cell = BytesCell(*bytes, options);
  if (is_estimated) cell.text.insert(0, "~");
  return cell;
}

Cell ByteChangeCell(double bytes, const CellOptions& options) {
  const std::string csv = fmt::format("{:.0f}", bytes);
  if (std::abs(bytes) < 0.5) return {"", csv, bytes};
  return {(bytes < 0 ? "-" : "+") + Amount(std::abs(bytes), options), csv, bytes};
}

Cell CountChangeCell(double count) {
  const std::string csv = fmt::format("{:.1f}", count);
  if (std::abs(count) < 0.05) return {"", csv, count};
  return {fmt::format("{:+.4g}", std::round(count * 10) / 10), csv, count};
}

Cell CountCell(std::uint64_t count) {
  return {std::to_string(count), std::to_string(count), static_cast<double>(count)};
}

Cell TextCell(const std::string& text) {
  return {Displayable(text), text, std::nullopt};
}

Cell AgeCell(std::optional<std::int64_t> nanos) {
  if (!nanos) return {"?", "", std::nullopt};
  const double seconds = static_cast<double>(*nanos) / 1e9;
  return {Lasting(*nanos), fmt::format("{:.0f}", seconds), seconds};
}

}  // namespace memtrack
