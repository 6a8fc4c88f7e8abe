#include <baton/platform/file_limit.h>

#include <sys/resource.h>

#include <algorithm>

#include <baton/platform/local_socket.h>

#include "platform/posix/syscall.h"

namespace baton::platform {

Result<std::uint64_t> RaiseFileLimit() {
  rlimit files = {};
  BATON_CHECKED(Syscall("getrlimit", [&] { return ::getrlimit(RLIMIT_NOFILE, &files); }));
  if (files.rlim_cur == files.rlim_max) return files.rlim_max;
  files.rlim_cur = files.rlim_max;
  BATON_CHECKED(Syscall("setrlimit", [&] { return ::setrlimit(RLIMIT_NOFILE, &files); }));
  return files.rlim_max;
}

// The system gives the lowest number that is free.
bool IsOneOfTheLastFiles(const Handle& received) {
  constexpr rlim_t kReserve = 16;
  rlimit files = {};
  if (!received || ::getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  const rlim_t reserve = std::min(kReserve, files.rlim_cur / 4);
  return static_cast<rlim_t>(received.get()) >= files.rlim_cur - reserve;
}

std::size_t MostHandlesAhead() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return kMaxHandlesPerSend;
  return static_cast<std::size_t>(std::max<rlim_t>(files.rlim_cur / 4, kMaxHandlesPerSend));
}

}  // namespace baton::platform
