// What the name of an open file or of a mapping says about it. Pure functions; the names are those
// that the kernel makes (mm/shmem.c, ipc/shm.c, fs/hugetlbfs/inode.c, drivers/dma-buf/dma-buf.c).
//
// A name alone proves nothing, since a file on a disk may be called "/memfd:x (deleted)" as well:
// the device decides (mount_table.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/memtrack/scan/mount_table.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct NamedSegment {
  SegmentKind kind = SegmentKind::kMemfd;
  std::string name;          // as Segment::name
  bool may_be_huge = false;  // if it does not lie on kKernelMount, it is made of huge pages
  bool is_secret = false;    // memfd_secret(2), which has a mount of its own
};

// Shared memory by its name, or std::nullopt. `target` is raw, as readlink and PROCMAP_QUERY give
// it. Cheap for all that is none: most descriptors and mappings are.
std::optional<NamedSegment> ClassifyTarget(std::string_view target, const MountTable& mounts);

// Is what bears this name, and lies on that device, what the name says?
bool DeviceFits(const NamedSegment& named, std::uint64_t device, const MountTable& mounts);

// A memfd may be made of huge pages: it lies elsewhere then, under the same name. SysV memory keeps
// its kind, since its inodes are its ids whatever it is made of.
SegmentKind KindOnDevice(const NamedSegment& named, std::uint64_t device);

// The inode in "socket:[4711]".
std::optional<std::uint64_t> ParseSocket(std::string_view target);

// /proc/PID/maps writes a line feed as \012, and nothing else.
std::string UnescapedPath(std::string_view text);

}  // namespace memtrack
