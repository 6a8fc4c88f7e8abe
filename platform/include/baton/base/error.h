// What can go wrong between two processes, and what a caller can do about it.
//
// Three kinds of trouble stay apart:
//   a bug of ours      aborts (BATON_CHECK);
//   a fault of a peer  is a `Rule`: it closes that one channel, names what was broken, is counted;
//   anything else      is a value: an `Errc`, or a number of the operating system's.
#pragma once

#include <system_error>
#include <type_traits>

namespace baton {

// What happened to us. Values are permanent: they travel in rejections and end up in logs.
enum class Errc {
  kPeerClosed = 1,       // the other side ended the channel in good order
  kPeerDied = 2,         // the other side is gone without a goodbye
  kClosed = 3,           // this side has closed the channel, or it has ended
  kWouldBlock = 4,       // the queue to the peer is full; nothing was sent, nothing changed
  kMessageTooLarge = 5,  // our message is over ChannelOptions::max_message_bytes
  kTooManyHandles = 6,   // our message carries more memory than one message may
  kNotBound = 7,         // the actor has no channel yet
  kEmptyShmem = 8,       // the handle holds no memory: default-made, or moved from
  kAlreadySent = 9,      // use after send: the memory belongs to the peer now
  kWrongChannel = 10,    // this memory was allocated for another peer
  // 11 is retired: mixing safe and unsafe memory does not compile
  kReplierDropped = 12,  // the peer's handler went away without an answer
  kRejected = 13,        // the peer's handler refused, for a reason that has no number
  kPeerFault = 14,       // the peer broke a rule: Actor::close_error()
  kInvalidValue = 15,    // not to be sent: text that is not UTF-8, a number that is no enumerator
  kOverQuota = 16,       // this would exceed what the peer may hold or we may hold for it
  kNoEndpoint = 17,      // this process was not launched with an end of a channel
  kOutOfBounds = 18,     // not to be sent: a [Min], [Max] or [MaxCount]; Actor::send_error_detail()
  kPeerTooOld = 19,      // the message does not exist in the peer's version of the protocol
  kEmptyHandle = 20,     // the file descriptor or endpoint is empty
  kTainted = 21,         // a value of the peer's did not pass Tainted::Validate: its fault
  kNotAdmitted = 22,     // the listener turned us away: its filter, a token, its limits
  kActorGone = 23,       // the actor has been deleted, here or by the peer
  kWrongActor = 24,      // an actor of another tree, not bound, bound already, or null
  kOwnerDied = 25,       // whoever held the lock is gone: SharedLock::LockToMend
  kOtherTrustDomain = 26,  // memory that a peer of another trust label has had
  kMappedElsewhere = 27,   // somebody maps the memory writable, or has a page: AsyncFreeze
  kNeverFreezes = 28,      // somebody has forbidden the kernel to freeze the memory, ever
  kSliceBounds = 29,       // the slice would not lie inside its memory
  kInProcessOnly = 30,     // an endpoint of CreateInProcessEndpoints, which cannot be sent
};

// What the peer broke. Values are permanent: they name rows of docs/wire-format.md.
enum class Rule {
  kFrameTooLarge = 1,  // a frame longer than the limit both sides know
  kFrameKind = 2,      // no such kind of frame, or not in this direction or phase
  kFrameHeader = 3,    // a reserved field is not zero, or a field contradicts another
  kSequence = 4,       // a lane's numbers do not follow each other
  // 5 is retired: a peer that dies inside a frame has died
  kHelloExpected = 6,  // something came before HELLO
  kHelloTwice = 7,
  kHelloDeadline = 8,     // no HELLO in time
  kProtocolMismatch = 9,  // the peer speaks another protocol
  kSchemaMismatch = 10,   // the same protocol, generated from another text
  kWireVersion = 11,      // another version of the framing
  kUnknownMessage = 12,   // no such message in this protocol and direction
  kUnknownActor = 13,     // an actor that has never been
  kUnknownCall = 14,      // an answer to a question that was not asked, or answered before
  kMalformed = 15,        // not a FlatBuffer of the shape that the message has
  kDecodeBudget = 16,  // decoding would visit far more than the message's length (shared offsets)
  kEnumValue = 17,     // a value that is no enumerator
  kBoolValue = 18,     // a bool that is neither 0 nor 1
  kNotUtf8 = 19,
  kMissingField = 20,   // a field that cannot be absent is absent
  kHandleCount = 21,    // more or fewer handles than the frame declared
  kHandleIndex = 22,    // a handle used twice, not at all, or beyond the last
  kHandleKind = 23,     // not what it must be: shared memory, a socket of ours, a process
  kHandleSize = 24,     // the object's size is not what the message says
  kHandleSeals = 25,    // the object could still shrink or grow
  kShmemId = 26,        // an id that is forged, foreign, or of memory that is gone
  kShmemState = 27,     // memory that the peer does not own at this moment: replay, double send
  kShmemKind = 28,      // safe memory announced as unsafe, or the reverse
  kQuota = 29,          // more memory, calls or handles than the peer may have
  kHandler = 30,        // a handler of ours judged the content: Actor::PeerFault
  kUnionTag = 31,       // a union that holds nothing, or an alternative that does not exist
  kMapOrder = 32,       // a map's keys do not ascend, or one comes twice
  kFixedCount = 33,     // more or fewer elements than a fixed array has
  kCodecValue = 34,     // bytes that the codec of a C++ type does not take
  kBounds = 35,         // a value outside of its field's [Min], [Max] or [MaxCount]
  kElementSize = 36,    // typed shared memory that is no whole number of elements
  kRing = 37,           // indices or records of a ring that cannot be
  kIntroduction = 38,   // whoever connected did not introduce itself as it must, or not in time
  kActorId = 39,        // a new actor's id that is not the next one of the peer's
  kActorProtocol = 40,  // an actor or endpoint of another protocol than the field's
  kIdentity = 41,       // another process than the one that was launched has introduced itself
  kEpoch = 42,          // a frame of an epoch that has not been
  kHeartbeat = 43,      // a PONG that answers no PING, or a PING too many
  kShmemCapacity = 44,  // memory of a size class that its size is not of
  kShmemReturn = 45,    // memory given back to who has not made it, or does not recycle it
  kSliceBounds = 46,    // a slice that does not lie inside its memory
};

// What the caller can do about an error, whatever layer it came from.
//
//   if (error == Cause::kPeerGone) return Reconnect();
enum class Cause {
  kPeerGone = 1,   // nobody is listening any more: reconnect, or wind down
  kPeerFault = 2,  // the peer broke the contract: drop it, never retry
  kExhausted = 3,  // something ran out: retry later
};

const std::error_category& ErrcCategory() noexcept;
const std::error_category& RuleCategory() noexcept;
const std::error_category& CauseCategory() noexcept;

inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), ErrcCategory()};
}
inline std::error_code make_error_code(Rule rule) noexcept {
  return {static_cast<int>(rule), RuleCategory()};
}
inline std::error_condition make_error_condition(Cause cause) noexcept {
  return {static_cast<int>(cause), CauseCategory()};
}

}  // namespace baton

template <>
struct std::is_error_code_enum<baton::Errc> : std::true_type {};
template <>
struct std::is_error_code_enum<baton::Rule> : std::true_type {};
template <>
struct std::is_error_condition_enum<baton::Cause> : std::true_type {};
