// Locks this process up: from here on it makes the system calls of a list, and no others.
//
// In a library of its own, Baton::baton_sandbox, because it needs libseccomp. Linux on x86-64 and
// arm64.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <baton/base/result.h>
#include <baton/platform/required_syscalls.h>

namespace baton::platform {

// What happens to a call that is not in the list.
enum class SandboxViolation : std::uint8_t {
  kKillProcess,  // the process ends as by SIGSYS, which it cannot catch
  kTrap,         // the thread gets SIGSYS: for finding out which call it was (si_syscall)
};

// For the whole process, all its threads, and for good: filters add up, and children inherit them.
// The process, and whatever it starts, gains no more rights at exec (PR_SET_NO_NEW_PRIVS). Calls of
// another architecture than this one end the process. A call that the list refuses and lets through
// as well is let through, so that a program that opens files may append openat.
//
// Errors: std::errc::invalid_argument (an empty list, a name of SystemCallNamed that nobody knows,
// a condition on a seventh argument); no_such_process (another thread has a filter that this one
// lacks); the system's (it knows no seccomp). Nothing has changed then but PR_SET_NO_NEW_PRIVS.
Result<void> ApplySandbox(std::span<const SystemCall> calls,
                          SandboxViolation violation = SandboxViolation::kKillProcess);

// The call of this name, whatever its arguments: for what a program needs beside Baton.
// ApplySandbox leaves out what another architecture has and this one has not.
SystemCall SystemCallNamed(const std::string& name);

// "openat" for SYS_openat; "system call 1234" for one that nobody knows. Allocates: not to be asked
// in a handler of SIGSYS, but before.
std::string SystemCallName(int number);

}  // namespace baton::platform
