#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <baton/platform/own_process.h>

#include "platform/linux/pidfd.h"
#include "platform/linux/syscall.h"

namespace baton::platform {

std::uint64_t ProcessId() {
  return static_cast<std::uint64_t>(::getpid());
}

Result<Handle> OpenOwnProcess() {
  BATON_TRY(const int pidfd, Syscall("pidfd_open", [] { return PidfdOpen(::getpid()); }));
  return Handle(pidfd);
}

std::uint64_t ThreadId() {
  return static_cast<std::uint64_t>(::syscall(SYS_gettid));
}

std::string ProgramName() {
  return program_invocation_short_name;
}

std::string ThreadName() {
  char name[16] = {};
  return ::pthread_getname_np(::pthread_self(), name, sizeof(name)) == 0 ? name : "";
}

std::optional<std::string> SecureEnvironment(const char* name) {
  const char* const value = ::secure_getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

bool WhenForking(void (*before)(), void (*in_parent)(), void (*in_child)()) {
  return ::pthread_atfork(before, in_parent, in_child) == 0;
}

}  // namespace baton::platform
