#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <utility>

#include <baton/platform/frozen_memory.h>
#include <baton/platform/state_point.h>

#include "platform/linux/memfd.h"
#include "platform/posix/posix_shm.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kFrozen = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

Result<void> WriteAll(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto write = [&] { return ::write(fd, bytes.data(), bytes.size()); };
    BATON_TRY(const ssize_t written, Syscall("write", write));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// What this process has of it is to be unmapped. EBUSY: somebody maps it writable all the same, or
// has had a page in his hands for as long as the kernel waits for that (memfd_wait_for_pins), a
// sixth of a second. Asked anew, the kernel first puts back what it has itself, to move or to page
// out.
Result<void> Seal(const Handle& memory, HadBy had_by) {
  const int tries = had_by == HadBy::kUsAlone ? 3 : 1;
  const auto seal = [&] { return ::fcntl(memory.get(), F_ADD_SEALS, kFrozen | F_SEAL_SEAL); };
  for (int count = 1;; ++count) {
    const auto sealed = Syscall("fcntl(F_ADD_SEALS)", seal);
    if (sealed) return {};
    const bool is_busy = sealed.error() == std::errc::device_or_resource_busy;
    if (!is_busy || count == tries) return Fail(sealed.error());
  }
}

Result<std::span<const std::byte>> MapReadOnly(const Handle& memory, std::uint64_t size,
                                               int flags) {
  const auto map = [&](int sharing) {
    return Syscall(
        "mmap", [&] { return ::mmap(nullptr, size, PROT_READ, sharing | flags, memory.get(), 0); },
        MAP_FAILED);
  };
  auto address = map(MAP_SHARED);
  // Kernels before 6.7 take a shared mapping of such memory for one that may become writable. What
  // nobody can change is the same in a private one.
  if (!address && address.error() == std::errc::operation_not_permitted) {
    address = map(MAP_PRIVATE);
  }
  if (!address) return Fail(address.error());
  return std::span(static_cast<const std::byte*>(*address), size);
}

Result<Handle> CreateReadable(std::span<const std::byte> bytes) {
  BATON_TRY(PosixShm memory, CreatePosixShm(ShmHandles::kBoth));
  BATON_CHECKED(WriteAll(memory.writable.get(), bytes));
  return Handle(std::move(memory.readable));
}

// By its offset, which is not the one that its sender can set, too. Shorter than it was: it has
// been shrunk meanwhile.
Result<void> ReadAll(int fd, std::span<std::byte> into) {
  for (std::size_t at = 0; at < into.size();) {
    const auto read = [&] {
      return ::pread(fd, into.data() + at, into.size() - at, static_cast<off_t>(at));
    };
    BATON_TRY(const ssize_t count, Syscall("pread", read));
    if (count == 0) return Fail(Rule::kHandleSize);
    at += static_cast<std::size_t>(count);
  }
  return {};
}

Result<std::span<std::byte>> MapPrivate(std::size_t size) {
  const auto map = [&] {
    return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  };
  BATON_TRY(void* const address, Syscall("mmap", map, MAP_FAILED));
  return std::span(static_cast<std::byte*>(address), size);
}

enum class Frozen { kYes, kNo };

// What a handle of a peer's is, and its size, when it may be taken.
Result<std::pair<Frozen, std::uint64_t>> Inspect(int fd, std::uint64_t announced_size,
                                                 bool takes_unsealed) {
  // The seals first: the kernel knows them by itself, where fstat may ask a file system of the
  // peer's (FUSE), and without them the size can change after we looked.
  BATON_TRY(const int seals, SealsOf(fd));
  const bool is_frozen = (seals & kFrozen) == kFrozen;
  if (!is_frozen && !takes_unsealed) return Fail(Rule::kHandleSeals);
  struct statfs file_system = {};
  BATON_CHECKED(Syscall("fstatfs", [&] { return ::fstatfs(fd, &file_system); }));
  if (file_system.f_type != TMPFS_MAGIC) return Fail(Rule::kHandleKind);
  BATON_TRY(const int flags, Syscall("fcntl(F_GETFL)", [&] { return ::fcntl(fd, F_GETFL); }));
  if ((flags & O_ACCMODE) == O_WRONLY) return Fail(Rule::kHandleKind);
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(fd, &object); }));
  const auto size = static_cast<std::uint64_t>(object.st_size);
  if (!S_ISREG(object.st_mode)) return Fail(Rule::kHandleKind);
  if (size == 0 || size != announced_size) return Fail(Rule::kHandleSize);
  return std::pair(is_frozen ? Frozen::kYes : Frozen::kNo, size);
}

}  // namespace

Result<Handle> CreateFrozenMemory(std::string_view name, std::span<const std::byte> bytes) {
  return CreateFrozenMemoryOf(CurrentMemoryBackend(), name, bytes);
}

Result<Handle> CreateFrozenMemoryOf(MemoryBackend backend, std::string_view name,
                                    std::span<const std::byte> bytes) {
  if (backend == MemoryBackend::kPosixShm) return CreateReadable(bytes);
  BATON_TRY(Handle handle, CreateMemfd(name));
  BATON_CHECKED(WriteAll(handle.get(), bytes));
  BATON_CHECKED(Seal(handle, HadBy::kUsAlone));
  return handle;
}

FrozenMapping::~FrozenMapping() {
  if (bytes_.empty()) return;
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

Result<FrozenMapping> FrozenMapping::Map(Handle handle, std::uint64_t announced_size,
                                         UnsealedMemory unsealed) {
  if (!handle) return FailWith(EBADF);
  BATON_TRY(const auto found, Inspect(handle.get(), announced_size, IsAccepted(unsealed)));
  handle.Accept();
  const auto [frozen, size] = found;
  if (frozen == Frozen::kNo) {
    BATON_TRY(const auto copy, MapPrivate(size));
    FrozenMapping owner(copy);
    BATON_CHECKED(ReadAll(handle.get(), copy));
    return owner;
  }
  BATON_TRY(const auto bytes, MapReadOnly(handle, size, MAP_POPULATE));
  return FrozenMapping(bytes);
}

Result<FrozenMemory> FrozenMemory::Create(std::string_view name, std::span<const std::byte> bytes) {
  BATON_TRY(Handle handle, CreateFrozenMemoryOf(MemoryBackend::kMemfd, name, bytes));
  return FrozenMemory(std::move(handle), bytes.size());
}

Result<FrozenMemory> FrozenMemory::Adopt(Handle handle, std::uint64_t announced_size) {
  if (!handle) return FailWith(EBADF);
  BATON_TRY(const auto found, Inspect(handle.get(), announced_size, false));
  handle.Accept();
  return FrozenMemory(std::move(handle), found.second);
}

Result<FrozenMemory> FrozenMemory::Freeze(SharedMemory& memory, Mapping& mapping, HadBy had_by) {
  if (!memory.is_sealed()) return FailWith(EPERM);
  BATON_CHECKED(mapping.Withdraw());
  if (const auto sealed = Seal(memory.handle(), had_by); !sealed) {
    if (!mapping.Restore(memory)) mapping = Mapping();
    return Fail(sealed.error());
  }
  StatePoint("memory.frozen");
  mapping = Mapping();
  const std::uint64_t size = memory.size();
  return FrozenMemory(std::move(memory).TakeHandle(), size);
}

// Its pages come when they are touched: faults bring several at once, and cost less than to ask for
// all of them here (measured: 8 MiB). Whoever has frozen memory may only want to pass it on.
Result<FrozenMapping> FrozenMemory::Map() const {
  BATON_TRY(const auto bytes, MapReadOnly(handle_, size_, 0));
  return FrozenMapping(bytes);
}

}  // namespace baton::platform
