#include "tools/memtrack/scan/range_query.h"

#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "platform/posix/syscall.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

// struct procmap_query of <linux/fs.h>.
struct ProcmapQuery {
  std::uint64_t size;
  std::uint64_t query_flags;
  std::uint64_t query_addr;
  std::uint64_t vma_start;
  std::uint64_t vma_end;
  std::uint64_t vma_flags;
  std::uint64_t vma_page_size;
  std::uint64_t vma_offset;
  std::uint64_t inode;
  std::uint32_t dev_major;
  std::uint32_t dev_minor;
  std::uint32_t vma_name_size;
  std::uint32_t build_id_size;
  std::uint64_t vma_name_addr;
  std::uint64_t build_id_addr;
};
static_assert(sizeof(ProcmapQuery) == 104);

constexpr unsigned long kProcmapQuery = _IOWR('f', 17, ProcmapQuery);
constexpr std::uint64_t kReadable = 0x01, kWritable = 0x02, kExecutable = 0x04, kShared = 0x08;
constexpr std::uint64_t kCoveringOrNext = 0x10, kFileBacked = 0x20;
constexpr std::size_t kLongestName = 4096;  // PATH_MAX, the most the kernel takes

}  // namespace

Result<bool> QueryRange(int maps, std::uint64_t address, MappedRange& range, std::string* path) {
  ProcmapQuery query = {};
  query.size = sizeof(query);
  query.query_flags = kCoveringOrNext | kFileBacked;
  query.query_addr = address;
  if (path != nullptr) {
    path->resize(kLongestName);
    query.vma_name_size = kLongestName;
    query.vma_name_addr = reinterpret_cast<std::uint64_t>(path->data());
  }
  const auto asked =
      Syscall("ioctl(PROCMAP_QUERY)", [&] { return ::ioctl(maps, kProcmapQuery, &query); });
  if (!asked) {
    if (asked.error() == std::errc::no_such_file_or_directory) return false;
    return baton::Fail(asked.error());
  }
  range = {.begin = query.vma_start,
           .end = query.vma_end,
           .offset = query.vma_offset,
           .device = makedev(query.dev_major, query.dev_minor),
           .inode = query.inode,
           .is_readable = (query.vma_flags & kReadable) != 0,
           .is_writable = (query.vma_flags & kWritable) != 0,
           .is_executable = (query.vma_flags & kExecutable) != 0,
           .is_private = (query.vma_flags & kShared) == 0};
  if (path != nullptr) path->resize(query.vma_name_size > 0 ? query.vma_name_size - 1 : 0);
  return true;
}

}  // namespace memtrack
