// All SysV shared memory of our namespace, also what nobody has attached: /proc/sysvipc/shm
// (proc(5), ipc/shm.c). A pure function over its text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace memtrack {

struct SysVSegment {
  std::int32_t key = 0;
  std::uint64_t id = 0;         // shmid: its inode
  std::uint64_t size = 0;       // bytes
  std::uint64_t allocated = 0;  // bytes, resident and swapped
  std::uint32_t creator_uid = 0;
};

// Lines that are not as expected are left out.
std::vector<SysVSegment> ParseSysVTable(std::string_view text);

}  // namespace memtrack
