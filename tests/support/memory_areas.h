// The areas of this process's addresses, as /proc/self/smaps (proc(5)) shows them.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <baton/platform/shared_memory.h>

namespace baton::testing {

struct MemoryArea {
  std::byte* begin = nullptr;
  std::size_t size = 0;
  std::string access;  // "rw-s"
  std::string flags;   // " rd wr sh dc "
};

// All that show this memory.
inline std::vector<MemoryArea> AreasOf(const platform::SharedMemory& memory) {
  struct stat object = {};
  if (::fstat(memory.handle().get(), &object) != 0) return {};
  std::vector<MemoryArea> found;
  std::ifstream areas("/proc/self/smaps");
  bool is_ours = false;
  for (std::string line; std::getline(areas, line);) {
    std::istringstream words(line);
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::string access, offset, device;
    std::uint64_t inode = 0;
    if (words >> std::hex >> begin >> dash >> end >> access >> offset >> device >> std::dec >>
            inode &&
        dash == '-') {
      is_ours = inode == object.st_ino;
      if (is_ours) found.push_back({reinterpret_cast<std::byte*>(begin), end - begin, access, ""});
    } else if (is_ours && line.starts_with("VmFlags:")) {
      found.back().flags = line.substr(line.find(':') + 1) + ' ';
    }
  }
  return found;
}

// Of everything in this process.
inline std::ptrdiff_t CountAreas() {
  std::ifstream maps("/proc/self/maps");
  return std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n');
}

}  // namespace baton::testing
