// What is known of a peer that does not respond.
#pragma once

#include <chrono>

#include <baton/platform/process_state.h>

namespace baton {

using platform::ProcessState;

// For Actor::OnUnresponsive. Nothing has ended: the peer may be stopped, held by a debugger, busy,
// or hung, and may go on at any time. What is to be done about it is up to the program.
struct Unresponsive {
  // For how long nothing has come, although something was expected.
  std::chrono::milliseconds silent_for{0};

  // Of its process, a moment ago. kUnknown where that process is not known (CreateEndpoints), is
  // this one, or cannot be looked at (no /proc).
  ProcessState process = ProcessState::kUnknown;
};

}  // namespace baton
