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

  // Of its process, a moment ago: of one that this side has launched, or met at a name itself. Of
  // others kUnknown, as of whoever has launched this process, which may be in a sandbox; and where
  // there is no /proc.
  ProcessState process = ProcessState::kUnknown;
};

}  // namespace baton
