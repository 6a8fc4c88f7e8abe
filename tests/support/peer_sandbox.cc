#include "tests/support/peer_sandbox.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <baton/platform/apply_sandbox.h>
#include "tests/support/must.h"

namespace baton::testing {
namespace {

using platform::ApplySandbox;
using platform::RequiredSyscalls;
using platform::SandboxNeeds;
using platform::SandboxRole;
using platform::SandboxViolation;
using platform::SystemCall;

// A peer that is more than a child of a channel, or whose body does what Baton does not.
struct Exception {
  std::string_view peer;  // a part of its name
  SandboxRole role = SandboxRole::kChild;
  SandboxNeeds needs = {};
  std::vector<SystemCall> calls = {};
  bool is_free = false;  // not locked up at all
  std::string_view why;
};

const std::vector<Exception>& Exceptions() {
  static const std::vector<Exception> exceptions = {
      {.peer = "/sandbox_test.cc:", .is_free = true, .why = "locks itself up"},
      {.peer = "/sandbox_roles_test.cc:", .is_free = true, .why = "locks itself up"},
      {.peer = "/end_threads_test.cc:DyingParent", .is_free = true, .why = "starts a shell"},
      {.peer = "/supervisor_test.cc:Family", .is_free = true, .why = "starts a shell"},
      {.peer = "/calls_fail_threads_test.cc:Fallible",
       .calls = {{.number = SYS_dup, .name = "dup"}},
       .why = "answers with copies of its standard output"},
      {.peer = "/calls_tokens_threads_test.cc:Answering",
       .calls = {{.number = SYS_dup, .name = "dup"}},
       .why = "answers with copies of its standard output"},
  };
  return exceptions;
}

// --- Who leaves ----------------------------------------------------------------------------------

constexpr std::size_t kNames = 512;
std::array<std::string, kNames> names;  // made before: a handler must not allocate

void Say(std::string_view text) {
  (void)!::write(STDERR_FILENO, text.data(), text.size());
}

void OnViolation(int, siginfo_t* info, void*) {
  const auto number = static_cast<std::size_t>(info->si_syscall);
  Say(kViolationText);
  Say(number < kNames ? std::string_view(names[number]) : "an unknown call");
  Say("\n");
  (void)std::raise(SIGSYS);  // as without a handler, which has gone by now
}

void NameViolations() {
  for (std::size_t number = 0; number < kNames; ++number) {
    names[number] = platform::SystemCallName(static_cast<int>(number));
  }
  struct sigaction action = {};
  action.sa_sigaction = &OnViolation;
  action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  if (::sigaction(SIGSYS, &action, nullptr) != 0) FailHere(__FILE__, __LINE__, "sigaction");
}

}  // namespace

std::vector<SystemCall> CallsOfTheKit() {
  return {{.number = SYS_ioctl,
           .name = "ioctl",
           .conditions = {{.index = 1, .mask = 0xffffffff, .value = TCGETS}}}};
}

void EnterPeerSandbox(const std::string& peer_name) {
  if (std::getenv(kSandboxVariable) == nullptr) return;
  Exception own;
  for (const Exception& exception : Exceptions()) {
    if (peer_name.find(exception.peer) != std::string::npos) own = exception;
  }
  if (own.is_free) return;
  std::vector<SystemCall> calls = RequiredSyscalls(own.role, own.needs);
  for (const std::vector<SystemCall>& more : {CallsOfTheKit(), own.calls}) {
    calls.insert(calls.end(), more.begin(), more.end());
  }
  NameViolations();
  Must(ApplySandbox(calls, SandboxViolation::kTrap));
}

}  // namespace baton::testing
