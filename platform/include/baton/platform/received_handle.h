// Handles that a peer has sent, asked of the kernel what they are: a peer may send any kind.
#pragma once

#include <cstddef>

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

// Whether it is memory, which the kernel knows by itself: whatever else is asked of it then, nobody
// but the kernel answers. Errors: Rule::kHandleKind; the system's.
Result<void> CheckReceivedMemory(const Handle& memory);

// Closes what has come from a peer and is not wanted, and never waits for that. A file that its
// sender serves (FUSE) is asked once more when it is closed, and whoever closes it cannot even be
// killed before there is an answer; a socket may linger; and a local socket lets go of what lies
// unread in it. So only memory, processes and pipes are closed here. All else is closed by threads
// that this process starts when it first needs them: of each source one handle after the other, in
// turn, and at most eight sources at a time. At rest one thread is kept.
//
// An end (TakeEnd) is closed here, unless handles lie unread in it; bytes are received first.
//
// Where no thread can be started (a sandbox without SandboxNeeds::starts_threads, and no
// StartClosing before) things stay open until the process ends, but for local sockets with nothing
// unread; and handles in an end are received first, so that these, too, are closed as they may.
//
// The threads are joined by nobody. But a process that ends is there for others, and its sockets
// are open, until the kernel has closed all its files, with a thread of ours or without: whoever
// serves the file can put that off, until it is killed itself. Any thread.
void CloseForeign(Handle handle);

// Starts the first of these threads now: for a process that may start none later, before it is
// locked up. False: there is none. Any thread.
bool StartClosing();

// So many handles that have come from peers wait to be closed. Any thread.
std::size_t ForeignHandlesOpen();

// From a source of which so many are open ReceiveSome takes no handles any more:
// std::errc::too_many_files_open. Once so many of all together are open, whoever has more than a
// few is refused as well; nobody is for what others have sent.
inline constexpr std::size_t kMostForeignHandlesOfOne = 256;
inline constexpr std::size_t kMostForeignHandlesOpen = 768;
inline constexpr std::size_t kFewForeignHandlesOfOne = 16;
bool MayReceiveFrom(HandleSource source);

// One that nobody has had in this process. Any thread.
HandleSource NewHandleSource();

// False in a fork of the process that has made it, for which its parent's ends are others'
// business.
bool IsSourceOfThisProcess(HandleSource source);

}  // namespace baton::platform
