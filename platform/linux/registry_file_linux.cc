// The reader's side of a registry.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include <baton/platform/account/registry_reader.h>

#include "platform/account/registry_copy.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kSealFutureWrite = 0x0010;  // of the kernel's headers
constexpr int kNeeded = kSealFutureWrite | F_SEAL_SHRINK | F_SEAL_GROW;

}  // namespace

Result<std::vector<std::byte>> CopyOfRegistry(const Handle& file) {
  struct stat found = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(file.get(), &found); }));
  if (found.st_size < 0 || static_cast<std::uint64_t>(found.st_size) > kMostRegistryBytes) {
    return Fail(std::make_error_code(std::errc::bad_message));
  }
  std::vector<std::byte> copy(static_cast<std::size_t>(found.st_size));
  std::size_t length = 0;
  while (length < copy.size()) {
    const auto read = [&] {
      return ::pread(file.get(), copy.data() + length, copy.size() - length,
                     static_cast<off_t>(length));
    };
    BATON_TRY(const ssize_t more, Syscall("pread", read));
    if (more == 0) break;  // somebody has shrunk it
    length += static_cast<std::size_t>(more);
  }
  copy.resize(length);
  return copy;
}

Result<bool> IsSealedRegistry(const Handle& file) {
  BATON_TRY(const int seals,
            Syscall("fcntl(F_GET_SEALS)", [&] { return ::fcntl(file.get(), F_GET_SEALS); }));
  return (seals & kNeeded) == kNeeded;
}

}  // namespace baton::platform
