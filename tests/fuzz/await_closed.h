// Counts of what is open, where some things are closed by a thread (platform::CloseForeign).
#pragma once

#include <thread>

#include <baton/platform/received_handle.h>

namespace baton::fuzz {

// Until that thread has nothing left. libFuzzer's own limit of time ends a wait without an end.
inline void AwaitClosed() {
  while (platform::ForeignHandlesOpen() > 0) std::this_thread::yield();
}

}  // namespace baton::fuzz
