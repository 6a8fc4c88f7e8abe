#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <baton/platform/frozen_memory.h>

#include "platform/linux/memfd.h"
#include "platform/linux/syscall.h"

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

}  // namespace

Result<Handle> CreateFrozenMemory(std::string_view name, std::span<const std::byte> bytes) {
  BATON_TRY(Handle handle, CreateMemfd(name));
  const int fd = handle.get();
  BATON_CHECKED(WriteAll(fd, bytes));
  const auto seal = [&] { return ::fcntl(fd, F_ADD_SEALS, kFrozen | F_SEAL_SEAL); };
  BATON_CHECKED(Syscall("fcntl(F_ADD_SEALS)", seal));
  return handle;
}

FrozenMapping::~FrozenMapping() {
  if (bytes_.empty()) return;
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

Result<FrozenMapping> FrozenMapping::Map(Handle handle, std::uint64_t announced_size) {
  if (!handle) return FailWith(EBADF);
  const int fd = handle.get();
  // The seals first: the kernel knows them by itself, where fstat may ask a file system of the
  // peer's (FUSE), and without them the size can change after we looked.
  BATON_TRY(const int seals, SealsOf(fd));
  if ((seals & kFrozen) != kFrozen) return Fail(Rule::kHandleSeals);
  struct statfs file_system = {};
  BATON_CHECKED(Syscall("fstatfs", [&] { return ::fstatfs(fd, &file_system); }));
  if (file_system.f_type != TMPFS_MAGIC) return Fail(Rule::kHandleKind);
  BATON_TRY(const int flags, Syscall("fcntl(F_GETFL)", [&] { return ::fcntl(fd, F_GETFL); }));
  if ((flags & O_ACCMODE) == O_WRONLY) return Fail(Rule::kHandleKind);
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(fd, &object); }));
  const auto size = static_cast<std::uint64_t>(object.st_size);
  if (size == 0 || size != announced_size) return Fail(Rule::kHandleSize);
  const auto map = [&] {
    return ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
  };
  BATON_TRY(void* const address, Syscall("mmap", map, MAP_FAILED));
  return FrozenMapping({static_cast<const std::byte*>(address), size});
}

}  // namespace baton::platform
