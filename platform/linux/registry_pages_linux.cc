#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include <cerrno>

#include <baton/platform/account/registry_format.h>
#include <baton/platform/file_limit.h>

#include "platform/account/registry_pages.h"

namespace baton::platform {
namespace {

// Of the kernel's headers, which older C libraries do not have.
constexpr unsigned kNoExecSeal = 0x0008;
constexpr int kSealFutureWrite = 0x0010;
constexpr int kSeals = kSealFutureWrite | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Handle MakeMemfd() {
  const auto make = [](unsigned extra) {
    return ::memfd_create(kRegistryName, MFD_CLOEXEC | MFD_ALLOW_SEALING | extra);
  };
  const int fd = make(kNoExecSeal);
  return Handle(fd < 0 && errno == EINVAL ? make(0) : fd);
}

// All of it is backed, so that no store of ours meets a shortage.
bool MakeRoom(const Handle& object) {
  const auto size = static_cast<off_t>(kRegistryBytes);
  return ::ftruncate(object.get(), size) == 0 && ::fallocate(object.get(), 0, 0, size) == 0;
}

}  // namespace

std::optional<RegistryPages> MakeRegistryPages() {
  RegistryPages pages = {nullptr, MakeMemfd()};
  const Handle& object = pages.object;
  if (!object || IsOneOfTheLastFiles(object) || !MakeRoom(object)) return std::nullopt;
  void* const mapped =
      ::mmap(nullptr, kRegistryBytes, PROT_READ | PROT_WRITE, MAP_SHARED, object.get(), 0);
  if (mapped == MAP_FAILED) return std::nullopt;
  // After the mapping, which stays writable: nobody can have another one.
  const bool is_ours_alone = ::madvise(mapped, kRegistryBytes, MADV_DONTFORK) == 0 &&
                             ::fcntl(object.get(), F_ADD_SEALS, kSeals) == 0;
  if (!is_ours_alone) {
    ::munmap(mapped, kRegistryBytes);
    return std::nullopt;
  }
  pages.begin = static_cast<std::byte*>(mapped);
  return pages;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> NumbersOf(const Handle& object) {
  struct stat found = {};
  if (::fstat(object.get(), &found) != 0) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>(found.st_dev, found.st_ino);
}

std::uint64_t CoarseMonotonicNanos() {
  timespec now = {};
  if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace baton::platform
