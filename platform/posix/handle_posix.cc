#include <fcntl.h>
#include <unistd.h>

#include <baton/platform/handle.h>

#include "platform/linux/syscall.h"

namespace baton::platform {

void Handle::Reset() {
  // Never repeated after EINTR: the number is free by then and may be somebody else's.
  if (native_ != kNoHandle) ::close(std::exchange(native_, kNoHandle));
}

Result<Handle> Handle::Duplicate() const {
  const auto duplicate = [&] { return ::fcntl(native_, F_DUPFD_CLOEXEC, 0); };
  BATON_TRY(const int fd, Syscall("fcntl(F_DUPFD_CLOEXEC)", duplicate));
  return Handle(fd);
}

}  // namespace baton::platform
