#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>

#include <algorithm>
#include <atomic>
#include <string>

#include <baton/platform/shared_memory.h>

#include "platform/linux/syscall.h"

namespace baton::platform {
namespace {

constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 47;
constexpr std::size_t kMaxNameBytes = 200;
constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr int kUnfreezable = kFixedSize | F_SEAL_SEAL;

// Of the kernel's linux/fcntl.h, which older C libraries do not have.
constexpr int kSealFutureWrite = 0x0010;
constexpr int kNotWritable = F_SEAL_WRITE | kSealFutureWrite;

// linux/memfd.h since Linux 6.3; Debian 12's headers do not have it yet.
constexpr unsigned kNoExecSeal = 0x0008;

bool IsPossibleSize(std::uint64_t size) {
  return size > 0 && size <= kMaxSize;
}

Result<Handle> CreateMemfd(std::string_view name) {
  static std::atomic<unsigned> no_exec_seal{kNoExecSeal};
  const std::string cut(name.substr(0, kMaxNameBytes));
  const unsigned wish = no_exec_seal.load(std::memory_order_relaxed);
  const auto create = [&](unsigned extra) {
    return Syscall("memfd_create", [&] {
      return ::memfd_create(cut.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING | extra);
    });
  };
  auto fd = create(wish);
  if (!fd && wish != 0 && fd.error() == std::errc::invalid_argument) {
    fd = create(0);
    if (fd) no_exec_seal.store(0, std::memory_order_relaxed);
  }
  if (!fd) return Fail(fd.error());
  return Handle(*fd);
}

// More than the machine has would not fail but set the out-of-memory killer loose.
Result<void> CheckMachineHas(std::uint64_t size) {
  struct sysinfo machine = {};
  BATON_CHECKED(Syscall("sysinfo", [&] { return ::sysinfo(&machine); }));
  const std::uint64_t units = std::uint64_t{machine.totalram} + machine.totalswap;
  if (size / machine.mem_unit > units) return FailWith(ENOMEM);
  return {};
}

// In pieces: a signal makes fallocate undo its work and start again, so that under a profiler's
// timer one call for everything would never come to its end.
Result<void> ReserveBacking(int fd, std::uint64_t size) {
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
  for (std::uint64_t at = 0; at < size; at += kPiece) {
    const auto length = static_cast<off_t>(std::min(kPiece, size - at));
    const auto reserve = [&] { return ::fallocate(fd, 0, static_cast<off_t>(at), length); };
    BATON_CHECKED(Syscall("fallocate", reserve));
  }
  return {};
}

// The seals of a received object; Rule::kHandleKind when it knows none. Asked before anything else:
// the kernel answers it by itself, where fstat may ask a file system that the peer runs (FUSE).
Result<int> SealsOf(int fd) {
  const auto seals = Syscall("fcntl(F_GET_SEALS)", [&] { return ::fcntl(fd, F_GET_SEALS); });
  const bool knows_none = !seals && (seals.error() == std::errc::invalid_argument ||
                                     seals.error() == std::errc::bad_file_descriptor);
  if (knows_none) return Fail(Rule::kHandleKind);
  return seals;
}

// Memory that we may write. hugetlbfs knows seals as well, but does not keep the promise about
// SIGBUS: a peer may punch out a page while the pool has no other.
Result<bool> IsSharedMemory(int fd) {
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(fd, &object); }));
  if (!S_ISREG(object.st_mode)) return false;
  struct statfs file_system = {};
  BATON_CHECKED(Syscall("fstatfs", [&] { return ::fstatfs(fd, &file_system); }));
  if (file_system.f_type != TMPFS_MAGIC) return false;
  BATON_TRY(const int flags, Syscall("fcntl(F_GETFL)", [&] { return ::fcntl(fd, F_GETFL); }));
  return (flags & O_PATH) == 0 && (flags & O_ACCMODE) == O_RDWR;
}

// The size of memory that has all of `needed` and can be written. Errors as for Adopt.
Result<std::uint64_t> SizeOfSealed(int fd, int needed) {
  BATON_TRY(const int seals, SealsOf(fd));
  BATON_TRY(const bool is_shared_memory, IsSharedMemory(fd));
  if (!is_shared_memory) return Fail(Rule::kHandleKind);

  // The seals before the size: without them the peer can change it after we looked.
  if ((seals & needed) != needed) return Fail(Rule::kHandleSeals);
  if ((seals & kNotWritable) != 0) return Fail(Rule::kHandleSeals);
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(fd, &object); }));
  return static_cast<std::uint64_t>(object.st_size);
}

Result<Handle> CreateSealed(std::string_view name, std::uint64_t size, int seals) {
  if (!IsPossibleSize(size)) return FailWith(EINVAL);
  BATON_CHECKED(CheckMachineHas(size));
  BATON_TRY(Handle handle, CreateMemfd(name));
  const int fd = handle.get();
  BATON_CHECKED(Syscall("ftruncate", [&] { return ::ftruncate(fd, static_cast<off_t>(size)); }));
  BATON_CHECKED(ReserveBacking(fd, size));
  BATON_CHECKED(Syscall("fcntl(F_ADD_SEALS)", [&] { return ::fcntl(fd, F_ADD_SEALS, seals); }));
  return handle;
}

}  // namespace

Result<SharedMemory> SharedMemory::Create(std::string_view name, std::uint64_t size) {
  // Not F_SEAL_SEAL: freezing needs one more seal later.
  BATON_TRY(Handle handle, CreateSealed(name, size, kFixedSize));
  return SharedMemory(std::move(handle), size);
}

Result<SharedMemory> SharedMemory::CreateRing(std::string_view name, std::uint64_t size) {
  BATON_TRY(Handle handle, CreateSealed(name, size, kUnfreezable));
  return SharedMemory(std::move(handle), size);
}

Result<SharedMemory> SharedMemory::Adopt(Handle handle, std::uint64_t announced_size) {
  if (!handle) return FailWith(EBADF);
  if (!IsPossibleSize(announced_size)) return Fail(Rule::kHandleSize);
  BATON_TRY(const std::uint64_t size, SizeOfSealed(handle.get(), kFixedSize));
  if (size != announced_size) return Fail(Rule::kHandleSize);
  return SharedMemory(std::move(handle), size);
}

Result<SharedMemory> SharedMemory::AdoptRing(Handle handle, std::uint64_t max_size) {
  if (!handle) return FailWith(EBADF);
  BATON_TRY(const std::uint64_t size, SizeOfSealed(handle.get(), kUnfreezable));
  if (!IsPossibleSize(size) || size > max_size) return Fail(Rule::kHandleSize);
  return SharedMemory(std::move(handle), size);
}

}  // namespace baton::platform
