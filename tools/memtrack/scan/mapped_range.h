// One mapping as the kernel describes it, and the text of /proc/PID/maps, of which it can be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace memtrack {

struct MappedRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  // bytes into the file
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool is_readable = false;
  bool is_writable = false;
  bool is_executable = false;
  bool is_private = false;
  friend bool operator==(const MappedRange&, const MappedRange&) = default;
};

struct MappingLine {
  MappedRange range;
  std::string_view path;  // with what the kernel escapes (UnescapedPath); part of the line
};

// "7f00-7f01 rw-s 00000000 00:01 4711    /memfd:x (deleted)", without the line feed; proc(5).
std::optional<MappingLine> ParseMappingLine(std::string_view line);

}  // namespace memtrack
