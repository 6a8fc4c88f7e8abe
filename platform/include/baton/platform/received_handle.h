// Handles that a peer has sent, asked of the kernel what they are: a peer may send any kind.
#pragma once

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Whether it is one end of a connected local stream socket, as CreateSocketPair makes them; whether
// anybody still has the other end does not matter. Makes it non-blocking, and takes back what its
// sender may have asked of it that would come along with what is received. The sender may still
// have it, too, and change all of that again: SendSome and ReceiveSome do not depend on it.
// Errors: Rule::kHandleKind; the system's.
Result<void> AdoptReceivedSocket(const Handle& socket);

// Whether it becomes readable when some process has ended (a pidfd). Whose it is cannot be told:
// believe that as far as its sender. Needs no /proc. Errors: Rule::kHandleKind; the system's.
Result<void> CheckReceivedProcess(const Handle& process);

}  // namespace baton::platform
