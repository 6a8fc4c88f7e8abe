#include "tools/memtrack/scan/sysv_table.h"

#include <array>

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

// key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap
constexpr std::size_t kColumns = 16;

}  // namespace

std::vector<SysVSegment> ParseSysVTable(std::string_view text) {
  std::vector<SysVSegment> segments;
  TakeLine(text);  // the names of the columns
  while (!text.empty()) {
    TextFields fields(TakeLine(text));
    std::array<std::int64_t, kColumns> columns = {};
    bool is_whole = true;
    for (std::int64_t& column : columns) {
      const auto value = TextFields(fields.Word()).Number<std::int64_t>();
      is_whole = is_whole && value.has_value();
      column = value.value_or(0);
    }
    if (!is_whole) continue;
    segments.push_back({.key = static_cast<std::int32_t>(columns[0]),
                        .id = static_cast<std::uint64_t>(columns[1]),
                        .size = static_cast<std::uint64_t>(columns[3]),
                        .allocated = static_cast<std::uint64_t>(columns[14]) +
                                     static_cast<std::uint64_t>(columns[15]),
                        .creator_uid = static_cast<std::uint32_t>(columns[9])});
  }
  return segments;
}

}  // namespace memtrack
