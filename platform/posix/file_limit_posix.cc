#include <baton/platform/file_limit.h>

#include <sys/resource.h>

#include <algorithm>

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

namespace {

// The system gives the lowest number that is free.
bool IsAmongTheLast(const Handle& received, rlim_t most) {
  rlimit files = {};
  if (!received || ::getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  const rlim_t last = std::min(most, files.rlim_cur / 4);
  return static_cast<rlim_t>(received.get()) >= files.rlim_cur - last;
}

}  // namespace

bool IsOneOfTheLastFiles(const Handle& received) {
  constexpr rlim_t kReserve = 16;
  return IsAmongTheLast(received, kReserve);
}

bool IsOfTheLastQuarter(const Handle& received) {
  return IsAmongTheLast(received, RLIM_INFINITY);
}

}  // namespace baton::platform
