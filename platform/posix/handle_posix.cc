#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <baton/platform/handle.h>
#include <baton/platform/received_handle.h>

#include "platform/posix/syscall.h"

namespace baton::platform {

void Handle::Reset() {
  if (native_ == kNoHandle) return;
  if (origin_ != 0) return CloseForeign(std::move(*this));
  // Never repeated after EINTR: the number is free by then and may be somebody else's.
  ::close(std::exchange(native_, kNoHandle));
}

Result<Handle> Handle::Duplicate() const {
  const auto duplicate = [&] { return ::fcntl(native_, F_DUPFD_CLOEXEC, 0); };
  BATON_TRY(const int fd, Syscall("fcntl(F_DUPFD_CLOEXEC)", duplicate));
  return is_foreign() ? Foreign(fd, source()) : Handle(fd);
}

Result<bool> SameObject(const Handle& one, const Handle& other) {
  struct stat first = {};
  struct stat second = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(one.get(), &first); }));
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(other.get(), &second); }));
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

}  // namespace baton::platform
