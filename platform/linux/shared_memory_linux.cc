#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>

#include <algorithm>

#include <baton/platform/shared_memory.h>
#include <baton/platform/state_point.h>

#include "platform/linux/memfd.h"
#include "platform/linux/syscall.h"

namespace baton::platform {
namespace {

constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 47;
constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr int kUnfreezable = kFixedSize | F_SEAL_SEAL;

// Of the kernel's linux/fcntl.h, which older C libraries do not have.
constexpr int kSealFutureWrite = 0x0010;
constexpr int kNotWritable = F_SEAL_WRITE | kSealFutureWrite;

bool IsPossibleSize(std::uint64_t size) {
  return size > 0 && size <= kMaxSize;
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

enum class Backing { kReserved, kNone };

Result<Handle> CreateSealed(std::string_view name, std::uint64_t size, int seals,
                            Backing backing = Backing::kReserved) {
  if (!IsPossibleSize(size)) return FailWith(EINVAL);
  BATON_CHECKED(CheckMachineHas(size));
  BATON_TRY(Handle handle, CreateMemfd(name));
  const int fd = handle.get();
  BATON_CHECKED(Syscall("ftruncate", [&] { return ::ftruncate(fd, static_cast<off_t>(size)); }));
  if (backing == Backing::kReserved) BATON_CHECKED(ReserveBacking(fd, size));
  BATON_CHECKED(Syscall("fcntl(F_ADD_SEALS)", [&] { return ::fcntl(fd, F_ADD_SEALS, seals); }));
  StatePoint("memory.made");
  return handle;
}

}  // namespace

Result<SharedMemory> SharedMemory::Create(std::string_view name, std::uint64_t size) {
  // Not F_SEAL_SEAL: freezing needs one more seal later.
  BATON_TRY(Handle handle, CreateSealed(name, size, kFixedSize));
  return SharedMemory(std::move(handle), size);
}

Result<SharedMemory> SharedMemory::CreateUnbacked(std::string_view name, std::uint64_t size) {
  BATON_TRY(Handle handle, CreateSealed(name, size, kFixedSize, Backing::kNone));
  return SharedMemory(std::move(handle), size);
}

Result<void> SharedMemory::Reserve() const {
  return ReserveBacking(handle_.get(), size_);
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
