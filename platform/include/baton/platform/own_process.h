// What a process knows about itself: for logs and traces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

std::uint64_t ProcessId();

// Becomes readable, for others, when this process has ended. Errors: those of the system.
Result<Handle> OpenOwnProcess();

// The same of the process that has launched this one, where that is `pid`; empty where it is not.
// Errors: Errc::kPeerDied when it has ended; those of the system.
Result<Handle> OpenParentProcess(int pid);

// Of the calling thread, unique on this machine while it lives.
std::uint64_t ThreadId();

// The program's name without its folders, as its user started it.
std::string ProgramName();

// What the calling thread is called; the program's name, shortened, unless somebody renamed it.
std::string ThreadName();

// A variable of the environment. Nothing when it is not set, or when the process has rights that
// who started it has not (setuid): such a one does not take orders from its environment.
std::optional<std::string> SecureEnvironment(const char* name);

// Every fork() of this process from now on calls `before`, then `in_parent` and `in_child`, so that
// what a lock protects is whole on both sides. False when the system has no memory for it.
bool WhenForking(void (*before)(), void (*in_parent)(), void (*in_child)());

}  // namespace baton::platform
