// Blocks a thread until something happens to a socket: for those who must have an answer before
// they go on. Everybody else waits on an executor.
#pragma once

#include <chrono>

#include <baton/platform/handle.h>

namespace baton::platform {

struct SocketWants {
  bool readable = false;
  bool writable = false;
  NativeHandle also = kNoHandle;  // to be readable, as of a process that has ended; kNoHandle: none
};

struct SocketEvents {
  bool hung_up = false;  // the other end is closed; comes whether it is wanted or not
  bool also = false;
};

// Returns when one of what is wanted is so, when the other end is closed, or at `until`; and may
// return earlier, with nothing.
SocketEvents WaitForSocket(const Handle& socket, const SocketWants& wants,
                           std::chrono::steady_clock::time_point until);

}  // namespace baton::platform
