// Runs peers under the filter that RequiredSyscalls describes.
//
// With BATON_TEST_SANDBOX in the environment each peer that is a process locks itself up before its
// body begins: `ctest -R 'under seccomp'`. What a body does for the ends of its test, and Baton
// does not need, stands in the list at the top of peer_sandbox.cc.
#pragma once

#include <string>
#include <vector>

#include <baton/platform/required_syscalls.h>

namespace baton::testing {

inline constexpr char kSandboxVariable[] = "BATON_TEST_SANDBOX";

// What a peer says on standard error before SIGSYS ends it, followed by the name of the call. CTest
// fails a run that says so (FAIL_REGULAR_EXPRESSION), also where the test expects its peer to die.
inline constexpr char kViolationText[] = "outside of the sandbox: ";

// What a peer's own end needs, whatever its body does: Catch asks whether it writes to a terminal.
std::vector<platform::SystemCall> CallsOfTheKit();

// Does nothing without the variable. Call it on the only thread that runs code of the peer.
void EnterPeerSandbox(const std::string& peer_name);

}  // namespace baton::testing
