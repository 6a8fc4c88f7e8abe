#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>

#include <baton/platform/shared_memory.h>
#include <baton/platform/state_point.h>

#include "platform/linux/memfd.h"
#include "platform/posix/in_pieces.h"
#include "platform/posix/posix_shm.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr int kUnfreezable = kFixedSize | F_SEAL_SEAL;

// Of the kernel's linux/fcntl.h, which older C libraries do not have.
constexpr int kSealFutureWrite = 0x0010;
constexpr int kNotWritable = F_SEAL_WRITE | kSealFutureWrite;

bool IsPossibleSize(std::uint64_t size) {
  return size > 0 && size <= kMostMemoryBytes;
}

// More than the machine has would not fail but set the out-of-memory killer loose.
Result<void> CheckMachineHas(std::uint64_t size) {
  struct sysinfo machine = {};
  BATON_CHECKED(Syscall("sysinfo", [&] { return ::sysinfo(&machine); }));
  const std::uint64_t units = std::uint64_t{machine.totalram} + machine.totalswap;
  if (size / machine.mem_unit > units) return FailWith(ENOMEM);
  return {};
}

Result<void> ReserveBacking(int fd, std::uint64_t size) {
  return InPieces(size, [fd](off_t at, off_t length) {
    return Syscall("fallocate", [&] { return ::fallocate(fd, 0, at, length); });
  });
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

Result<std::uint64_t> SizeOf(int fd) {
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(fd, &object); }));
  return static_cast<std::uint64_t>(object.st_size);
}

struct Received {
  std::uint64_t size;
  bool is_sealed;
};

// What has come, can be written, and has all of `needed`, or need not have it. Errors as for Adopt.
Result<Received> Examine(int fd, int needed, UnsealedMemory unsealed) {
  BATON_TRY(const int seals, SealsOf(fd));
  BATON_TRY(const bool is_shared_memory, IsSharedMemory(fd));
  if (!is_shared_memory) return Fail(Rule::kHandleKind);

  // The seals before the size: without them the peer can change it after we looked.
  const bool is_sealed = (seals & needed) == needed;
  if (!is_sealed && !IsAccepted(unsealed)) return Fail(Rule::kHandleSeals);
  if ((seals & kNotWritable) != 0) return Fail(Rule::kHandleSeals);
  BATON_TRY(const std::uint64_t size, SizeOf(fd));
  return Received{size, is_sealed};
}

enum class Backing { kReserved, kNone };

Result<Handle> CreateSealed(std::string_view name, std::uint64_t size, int seals, Backing backing) {
  BATON_TRY(Handle handle, CreateMemfd(name));
  const int fd = handle.get();
  BATON_CHECKED(Syscall("ftruncate", [&] { return ::ftruncate(fd, static_cast<off_t>(size)); }));
  if (backing == Backing::kReserved) BATON_CHECKED(ReserveBacking(fd, size));
  BATON_CHECKED(Syscall("fcntl(F_ADD_SEALS)", [&] { return ::fcntl(fd, F_ADD_SEALS, seals); }));
  return handle;
}

// Nobody can seal it, so it is a ring's as it is. It has no name to show.
Result<Handle> CreateUnsealed(std::uint64_t size, Backing backing) {
  BATON_TRY(PosixShm memory, CreatePosixShm(ShmHandles::kWritable));
  const bool is_reserved = backing == Backing::kReserved;
  BATON_CHECKED(
      SizePosixShm(memory.writable, size, is_reserved ? ShmBacking::kReserved : ShmBacking::kNone));
  return Handle(std::move(memory.writable));
}

Result<Handle> CreateAny(MemoryBackend backend, std::string_view name, std::uint64_t size,
                         int seals, Backing backing = Backing::kReserved) {
  if (!IsPossibleSize(size)) return FailWith(EINVAL);
  BATON_CHECKED(CheckMachineHas(size));
  auto made = backend == MemoryBackend::kMemfd ? CreateSealed(name, size, seals, backing)
                                               : CreateUnsealed(size, backing);
  if (made) StatePoint("memory.made");
  return made;
}

}  // namespace

Result<SharedMemory> SharedMemory::Create(std::string_view name, std::uint64_t size) {
  return CreateOf(CurrentMemoryBackend(), name, size);
}

Result<SharedMemory> SharedMemory::CreateOf(MemoryBackend backend, std::string_view name,
                                            std::uint64_t size) {
  // Not F_SEAL_SEAL: freezing needs one more seal later.
  BATON_TRY(Handle handle, CreateAny(backend, name, size, kFixedSize));
  return SharedMemory(std::move(handle), size, CapabilitiesOf(backend).sealed);
}

Result<SharedMemory> SharedMemory::CreateUnbacked(std::string_view name, std::uint64_t size) {
  const MemoryBackend backend = CurrentMemoryBackend();
  BATON_TRY(Handle handle, CreateAny(backend, name, size, kFixedSize, Backing::kNone));
  return SharedMemory(std::move(handle), size, CapabilitiesOf(backend).sealed);
}

Result<void> SharedMemory::Reserve() const {
  return is_sealed_ ? ReserveBacking(handle_.get(), size_) : ReservePosixShm(handle_, size_);
}

Result<SharedMemory> SharedMemory::CreateRing(std::string_view name, std::uint64_t size) {
  const MemoryBackend backend = CurrentMemoryBackend();
  BATON_TRY(Handle handle, CreateAny(backend, name, size, kUnfreezable));
  return SharedMemory(std::move(handle), size, CapabilitiesOf(backend).sealed);
}

Result<SharedMemory> SharedMemory::Adopt(Handle handle, std::uint64_t announced_size,
                                         UnsealedMemory unsealed) {
  if (!handle) return FailWith(EBADF);
  if (!IsPossibleSize(announced_size)) return Fail(Rule::kHandleSize);
  BATON_TRY(const Received received, Examine(handle.get(), kFixedSize, unsealed));
  if (received.size != announced_size) return Fail(Rule::kHandleSize);
  handle.Accept();
  return SharedMemory(std::move(handle), received.size, received.is_sealed);
}

Result<SharedMemory> SharedMemory::AdoptRing(Handle handle, std::uint64_t max_size,
                                             UnsealedMemory unsealed) {
  if (!handle) return FailWith(EBADF);
  BATON_TRY(const Received received, Examine(handle.get(), kUnfreezable, unsealed));
  const std::uint64_t size = received.size;
  if (!IsPossibleSize(size) || size > max_size) return Fail(Rule::kHandleSize);
  handle.Accept();
  return SharedMemory(std::move(handle), size, received.is_sealed);
}

Result<void> SharedMemory::CheckSize() const {
  if (is_sealed_) return {};
  BATON_TRY(const std::uint64_t size, SizeOf(handle_.get()));
  if (size != size_) return Fail(Rule::kHandleSize);
  return {};
}

}  // namespace baton::platform
