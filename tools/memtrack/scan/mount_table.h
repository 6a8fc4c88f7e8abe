// Which file systems of memory are mounted, from /proc/self/mountinfo (proc(5)). A pure function
// over its text; `machine.h` asks the kernel how full they are.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace memtrack {

// Where memfds, SysV memory and shared anonymous memory lie: a tmpfs that nobody but the kernel
// mounts, the first at boot and so the first device without a driver.
inline constexpr std::uint64_t kKernelMount = 1;  // makedev(0, 1)

struct Mount {
  std::uint64_t device = 0;
  std::string point;
};

struct MountTable {
  std::vector<Mount> tmpfs;                // with devtmpfs, which is one
  std::vector<Mount> hugetlbfs;            // both in the order of the text, what is hidden included
  std::set<std::uint64_t> memory_devices;  // of both
  std::set<std::uint64_t> other_devices;   // of all other file systems
  // Where memfds of huge pages lie, one for each size; std::nullopt: not known, any may be one.
  std::optional<std::set<std::uint64_t>> huge_devices;

  // Whether a path leads there as far as its text goes. /dev/shm always does: it is one in
  // containers whose mounts we do not see.
  bool IsBelowTmpfs(std::string_view path) const;
  bool IsBelowHugetlbfs(std::string_view path) const;

  // Of the memory file system that the path leads to, 0 if it is none that we know.
  std::uint64_t DeviceOf(std::string_view path) const;

  bool IsMounted(std::uint64_t device) const {
    return memory_devices.contains(device) || other_devices.contains(device);
  }
  // False for what is certainly no file system of memory: one with a driver, or a known other one.
  bool MayHoldMemory(std::uint64_t device) const;
};

MountTable ParseMountInfo(std::string_view text);

// mountinfo writes blanks, line feeds and backslashes as octal numbers: \040.
std::string UnescapedMountPoint(std::string_view text);

}  // namespace memtrack
