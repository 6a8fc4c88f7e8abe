#include "tests/support/peer_sandbox.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <baton/platform/apply_sandbox.h>
#include "tests/support/must.h"

namespace baton::testing {
namespace {

using platform::ApplySandbox;
using platform::RequiredSyscalls;
using platform::SandboxRole;
using platform::SandboxViolation;
using platform::SystemCall;
using platform::SystemCallNamed;

// A peer that is more than a child of a channel, or whose body does what Baton does not.
struct Exception {
  std::string_view peer;  // a part of its name
  SandboxRole role = SandboxRole::kChild;
  std::vector<SystemCall> calls = {};
  bool is_free = false;  // not locked up at all
  std::string_view why;
};

// The last one that fits counts.
const std::vector<Exception>& Exceptions() {
  static const std::vector<Exception> exceptions = {
      // Who is sent what may not close at once has it closed by a thread.
      {.peer = "/hostile/",
       .calls = {SystemCallNamed("clone"), SystemCallNamed("set_robust_list"),
                 SystemCallNamed("rseq")},
       .why = "is to keep nothing of what it refuses"},

      // More than children of a channel.
      {.peer = "/meeting_threads_test.cc:", .role = SandboxRole::kClient, .why = "connects"},
      {.peer = "/meeting_threads_test.cc:ListeningChild",
       .role = SandboxRole::kListener,
       .why = "listens"},
      {.peer = "/meeting_admission_threads_test.cc:",
       .role = SandboxRole::kClient,
       .why = "connects"},
      {.peer = "/meeting_fork_test.cc:",
       .role = SandboxRole::kListener,
       .calls = {SystemCallNamed("clone"), SystemCallNamed("set_robust_list"),
                 SystemCallNamed("rseq"), SystemCallNamed("wait4")},
       .why = "listens, and forks"},
      {.peer = "/hostile/introduction_test.cc:", .role = SandboxRole::kClient, .why = "connects"},

      // Bodies that do for their test what Baton does not.
      {.peer = "/calls_fail_threads_test.cc:",
       .calls = {SystemCallNamed("dup")},
       .why = "answers with copies of its standard error"},
      {.peer = "/calls_tokens_threads_test.cc:",
       .calls = {SystemCallNamed("dup")},
       .why = "answers with copies of its standard error"},
      {.peer = "/order_threads_test.cc:",
       .calls = {SystemCallNamed("openat")},
       .why = "sends /dev/null"},
      {.peer = "/introduction_test.cc:SomeGuest",
       .calls = {SystemCallNamed("clone"), SystemCallNamed("set_robust_list"),
                 SystemCallNamed("rseq")},
       .why = "forks when it is asked to, and so may start the thread that closes"},
      {.peer = "/limits_test.cc:ShortOfHandles",
       .calls = {SystemCallNamed("openat"), SystemCallNamed("getdents64"),
                 SystemCallNamed("prlimit64")},
       .why = "counts its handles, and takes from itself the right to have more"},
      {.peer = "/short_of_memory_test.cc:",
       .calls = {SystemCallNamed("openat"), SystemCallNamed("prlimit64")},
       .why = "looks how much memory it has, and takes from itself the right to have more"},
      {.peer = "/exhaustion_files_test.cc:",
       .calls = {SystemCallNamed("prlimit64")},
       .why = "takes from itself the right to open more files"},
      {.peer = "/pool_test.cc:",
       .calls = {SystemCallNamed("getrusage")},
       .why = "counts its page faults"},
      {.peer = "/looking_test.cc:",
       .calls = {SystemCallNamed("openat")},
       .why = "opens the file of BATON_LOG_FILE or BATON_TRACE when it binds"},

      // Not locked up.
      {.peer = "/end_threads_test.cc:DyingParent", .is_free = true, .why = "starts a shell"},
      {.peer = "/supervisor_test.cc:Family", .is_free = true, .why = "starts a shell"},
      {.peer = "/loans_filtered_test.cc:", .is_free = true, .why = "has a filter of its own"},
      {.peer = "/identity_test.cc:Ventriloquist", .is_free = true, .why = "has another one speak"},
      {.peer = "/identity_test.cc:Prompter", .is_free = true, .why = "has another one speak"},
      {.peer = "/identity_test.cc:Orphan", .is_free = true, .why = "is started by who forks"},
      {.peer = "/identity_test.cc:ForkingParent", .is_free = true, .why = "forks"},
      {.peer = "/epoch_test.cc:BehindAProxy", .is_free = true, .why = "listens as a proxy does"},
      {.peer = "/frozen_attacks_test.cc:", .is_free = true, .why = "tries what is refused"},
      {.peer = "/shared_lock_test.cc:ForgerProcess", .is_free = true, .why = "starts a thread"},
      {.peer = "/exhaustion_addresses_test.cc:", .is_free = true, .why = "maps all that it can"},
      {.peer = "/memory_labels_test.cc:OnAnOldKernel",
       .is_free = true,
       .why = "has a filter of its own"},
      {.peer = "/memory_labels_test.cc:AsEver", .is_free = true, .why = "reads /proc"},
      {.peer = "/memory_labels_test.cc:ForbiddenTo",
       .is_free = true,
       .why = "has a filter of its own"},
      {.peer = "/fault_reporter_test.cc:", .is_free = true, .why = "locks itself up by itself"},
      {.peer = "/sandbox_test.cc:", .is_free = true, .why = "locks itself up"},
      {.peer = "/sandbox_closing_test.cc:", .is_free = true, .why = "locks itself up"},
      {.peer = "/sandbox_list_test.cc:", .is_free = true, .why = "locks itself up, and fails"},
      {.peer = "/sandbox_roles_test.cc:", .is_free = true, .why = "locks itself up"},
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
  SystemCall asks = SystemCallNamed("ioctl");
  asks.conditions = {{.index = 1, .mask = 0xffffffff, .value = TCGETS}};
  return {std::move(asks)};
}

void EnterPeerSandbox(const std::string& peer_name) {
  if (std::getenv(kSandboxVariable) == nullptr) return;
  Exception own;
  for (const Exception& exception : Exceptions()) {
    if (peer_name.find(exception.peer) != std::string::npos) own = exception;
  }
  if (own.is_free) return;
  std::vector<SystemCall> calls = RequiredSyscalls(own.role);
  for (const std::vector<SystemCall>& more : {CallsOfTheKit(), own.calls}) {
    calls.insert(calls.end(), more.begin(), more.end());
  }
  NameViolations();
  Must(ApplySandbox(calls, SandboxViolation::kTrap));
}

}  // namespace baton::testing
