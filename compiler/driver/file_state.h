// Whether a file is still the one that was read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batonc {

// What the system says about a path, symbolic links followed.
struct FileState {
  enum class Kind : std::uint8_t { kAbsent, kFile, kFolder };

  Kind kind = Kind::kAbsent;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;        // 0 of a folder, whose times are 0 as well:
  std::int64_t modified_ns = 0;  // what else is put into it is not its own matter
  std::int64_t changed_ns = 0;   // of the inode: nobody can set it back
  // False when the file changed so shortly before this was asked that a change after it might not
  // be seen: clocks of file systems are coarse.
  bool is_settled = true;

  bool SameAs(const FileState& other) const {
    return kind == other.kind && device == other.device && inode == other.inode &&
           size == other.size && modified_ns == other.modified_ns && changed_ns == other.changed_ns;
  }
};

FileState StateOf(const std::string& path);

// Of a file's content; against accidents, not against malice.
std::uint64_t ContentHash(std::string_view content);

}  // namespace batonc
