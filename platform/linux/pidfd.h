// The two calls of glibc's sys/pidfd.h, whose declarations in glibc 2.36 lack `extern "C"` and so
// do not link from C++.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace baton::platform {

// Close-on-exec. -1 and errno on failure, as pidfd_open(2).
inline int PidfdOpen(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

// -1 and errno on failure, as pidfd_send_signal(2).
inline int PidfdSendSignal(int pidfd, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

}  // namespace baton::platform
