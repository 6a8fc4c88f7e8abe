// A handle of the operating system's that travels with a message: an open file, a pipe, a socket.
#pragma once

#include <baton/platform/handle.h>

namespace baton {

// Sending duplicates it: the sender keeps its own, and an empty one cannot be sent
// (Errc::kEmptyHandle). What arrives is close-on-exec and belongs to the receiver alone; what it
// leads to is whatever the peer chose: look before you read, or a read may block. So may closing
// it: a file that its sender serves (FUSE) waits for an answer. platform::CloseForeign does not.
using FileDescriptor = platform::Handle;

}  // namespace baton
