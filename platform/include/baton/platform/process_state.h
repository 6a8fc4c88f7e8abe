// What a process is doing, for whoever waits for it.
#pragma once

#include <cstdint>

#include <baton/platform/handle.h>

namespace baton::platform {

enum class ProcessState : std::uint8_t {
  kUnknown,  // the system does not tell, or it has ended
  kRunning,  // it computes, or waits for something
  kStopped,  // by a signal such as SIGSTOP
  kTraced,   // a debugger holds it
};

// Of the process behind `process`, a handle that becomes readable when it has ended; kUnknown for
// an empty one. On Linux it is read from /proc. Never waits.
ProcessState StateOf(const Handle& process);

}  // namespace baton::platform
