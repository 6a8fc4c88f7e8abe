// A connected pair of local stream sockets that carry bytes and handles. Never blocks.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/peer_identity.h>

namespace baton::platform {

// Linux takes no more in one call (measured; 254 is EINVAL).
inline constexpr std::size_t kMaxHandlesPerSend = 253;

// Two non-blocking, close-on-exec ends.
Result<std::pair<Handle, Handle>> CreateSocketPair();

// `socket`, one side of a pair or of a connection, as an end that this process alone has. When such
// a Handle is let go of, nobody can send to it any more and the other side sees the end, whoever
// else has the socket; and nothing that lies there unread holds up anybody (CloseForeign). An end
// that is passed on, so that somebody else has it, is accepted (Handle::Accept) once it has left.
//
// Bytes that are sent out of band come in their turn: the kernel would skip them, and let go of
// handles that came with them, inside of ReceiveSome. One that is an end already stays as it is.
// `source` is whoever speaks through it; 0, as where it is left out: somebody new.
Handle TakeEnd(Handle socket);
Handle TakeEnd(Handle socket, HandleSource source);

// The same end, from here on of somebody new.
Handle TakeAnew(Handle end);

// Sends the beginning of `bytes` (at least one byte), with `handles` attached to its first byte;
// the handles stay the caller's. Returns how many bytes went; the handles went if any byte did.
// Errors: std::errc::operation_would_block; Errc::kTooManyHandles for more than kMaxHandlesPerSend;
// std::errc::too_many_files_open-like codes of the system (ETOOMANYREFS: too many handles in
// flight) for a later try; broken_pipe, connection_reset. Never raises SIGPIPE.
Result<std::size_t> SendSome(const Handle& socket, std::span<const std::byte> bytes,
                             std::span<const NativeHandle> handles);

// Receives what is there into `into` (room for at least one byte); appends received handles
// (close-on-exec, foreign, of the socket's source) to `handles`. Returns 0 at the end of the
// stream. Errors: operation_would_block; too_many_files_open when this process can open no more
// (all handles of this call are closed then), or when handles come and too many of this source's
// are open (MayReceiveFrom; they stay unread); the system's. Received sockets are told not to
// linger, so that closing one that nobody asked for does not wait for the peer. After
// IdentifySenders `sender` is who has sent these bytes, which are never of two processes; pid 0
// where the kernel does not say.
Result<std::size_t> ReceiveSome(const Handle& socket, std::span<std::byte> into,
                                std::vector<Handle>& handles, PeerIdentity* sender = nullptr);

// Whether something that was sent through `socket` has not been received yet, as far as the system
// tells.
bool HasUnread(const Handle& socket);

}  // namespace baton::platform
