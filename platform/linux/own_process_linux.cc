#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <baton/platform/own_process.h>

#include "platform/linux/pidfd.h"
#include "platform/posix/syscall.h"

namespace baton::platform {

std::uint64_t ProcessId() {
  return static_cast<std::uint64_t>(::getpid());
}

Result<Handle> OpenOwnProcess() {
  BATON_TRY(const int pidfd, Syscall("pidfd_open", [] { return PidfdOpen(::getpid()); }));
  return Handle(pidfd);
}

// While it is our parent nobody else can get its number: we would have another parent by then.
Result<Handle> OpenParentProcess(int pid) {
  if (pid <= 0 || ::getppid() != pid) return Handle();
  const auto opened = Syscall("pidfd_open", [&] { return PidfdOpen(pid); });
  if (!opened && opened.error() != std::errc::no_such_process) return Fail(opened.error());
  Handle parent(opened ? *opened : kNoHandle);
  if (!parent || ::getppid() != pid) return Fail(Errc::kPeerDied);
  return parent;
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
