#include <baton/base/error.h>

#include <string>

namespace baton {
namespace {

const char* Describe(Errc code) {
  switch (code) {
    case Errc::kPeerClosed: return "the peer closed the channel";
    case Errc::kPeerDied: return "the peer is gone";
    case Errc::kClosed: return "the channel is closed";
    case Errc::kWouldBlock: return "the queue to the peer is full";
    case Errc::kMessageTooLarge: return "the message is larger than the channel allows";
    case Errc::kTooManyHandles: return "the message carries more memory than one message may";
    case Errc::kNotBound: return "the actor has no channel";
    case Errc::kEmptyShmem: return "the handle holds no shared memory";
    case Errc::kAlreadySent: return "the shared memory was handed over already";
    case Errc::kWrongChannel: return "the shared memory belongs to another channel";
    case Errc::kReplierDropped: return "the peer dropped the question without an answer";
    case Errc::kRejected: return "the peer refused";
    case Errc::kPeerFault: return "the peer broke a rule";
    case Errc::kInvalidValue: return "the value may not be sent";
    case Errc::kOverQuota: return "over the quota for this peer";
    case Errc::kNoEndpoint: return "this process was not launched with an end of a channel";
    case Errc::kOutOfBounds: return "the value is outside of its bounds";
    case Errc::kPeerTooOld: return "the peer's version of the protocol is too old";
    case Errc::kEmptyHandle: return "the file descriptor or endpoint is empty";
    case Errc::kTainted: return "a value of the peer's was found invalid";
    case Errc::kNotAdmitted: return "the listener turned us away";
    case Errc::kActorGone: return "the actor has been deleted";
    case Errc::kWrongActor:
      return "the actor is of another tree, not bound, bound already, or null";
    case Errc::kOwnerDied: return "whoever held the lock is gone, and what it guards is half-done";
    case Errc::kOtherTrustDomain: return "a peer of another trust domain has had this memory";
    case Errc::kInProcessOnly: return "an end of a channel within this process cannot be sent";
    case Errc::kSliceBounds: return "the slice does not lie inside its shared memory";
    case Errc::kMappedElsewhere:
      return "somebody still maps the memory writable, or has a page of it in hand";
    case Errc::kNeverFreezes: return "somebody has forbidden that the memory is ever frozen";
  }
  return "unknown error of Baton";
}

const char* Describe(Rule rule) {
  switch (rule) {
    case Rule::kFrameTooLarge: return "frame too large";
    case Rule::kFrameKind: return "no such kind of frame here";
    case Rule::kFrameHeader: return "frame header contradicts itself";
    case Rule::kSequence: return "sequence broken";
    case Rule::kHelloExpected: return "hello expected";
    case Rule::kHelloTwice: return "hello twice";
    case Rule::kHelloDeadline: return "no hello in time";
    case Rule::kProtocolMismatch: return "another protocol";
    case Rule::kSchemaMismatch: return "another version of the protocol's text";
    case Rule::kWireVersion: return "another version of the wire format";
    case Rule::kUnknownMessage: return "unknown message";
    case Rule::kUnknownActor: return "unknown actor";
    case Rule::kUnknownCall: return "answer to a question that was not asked";
    case Rule::kMalformed: return "malformed message";
    case Rule::kDecodeBudget: return "message decodes to far more than its length";
    case Rule::kEnumValue: return "value is no enumerator";
    case Rule::kBoolValue: return "bool is neither 0 nor 1";
    case Rule::kNotUtf8: return "text is not UTF-8";
    case Rule::kMissingField: return "required field is missing";
    case Rule::kHandleCount: return "wrong number of handles";
    case Rule::kHandleIndex: return "handle not used exactly once";
    case Rule::kHandleKind: return "handle is not of the announced kind";
    case Rule::kHandleSize: return "shared memory is not of the announced size";
    case Rule::kHandleSeals: return "shared memory is not sealed against resizing";
    case Rule::kShmemId: return "unknown or forged id of shared memory";
    case Rule::kShmemState: return "shared memory that the peer does not own";
    case Rule::kShmemKind: return "safe and unsafe shared memory mixed up";
    case Rule::kQuota: return "over quota";
    case Rule::kHandler: return "content refused by a handler";
    case Rule::kUnionTag: return "union without a known alternative";
    case Rule::kMapOrder: return "keys of a map do not ascend";
    case Rule::kFixedCount: return "wrong number of elements in a fixed array";
    case Rule::kCodecValue: return "bytes that are no value of a C++ type";
    case Rule::kBounds: return "value is out of bounds";
    case Rule::kElementSize: return "shared memory is no whole number of elements";
    case Rule::kRing: return "ring's indices or records are impossible";
    case Rule::kIntroduction: return "no proper introduction";
    case Rule::kActorId: return "an actor's id is not the next one";
    case Rule::kActorProtocol: return "an actor of another protocol";
    case Rule::kIdentity: return "not the process that was launched";
    case Rule::kEpoch: return "no such epoch";
    case Rule::kHeartbeat: return "heartbeat broken";
    case Rule::kShmemCapacity: return "shared memory is not of the size class it is said to be of";
    case Rule::kShmemReturn: return "shared memory given back to who has not made it";
    case Rule::kSliceBounds: return "slice is not inside its shared memory";
  }
  return "unknown rule";
}

class ErrcCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "baton"; }
  std::string message(int value) const override { return Describe(static_cast<Errc>(value)); }
};

class RuleCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "baton.rule"; }
  std::string message(int value) const override { return Describe(static_cast<Rule>(value)); }
};

class CauseCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "baton.cause"; }

  std::string message(int value) const override {
    switch (static_cast<Cause>(value)) {
      case Cause::kPeerGone: return "the peer is gone";
      case Cause::kPeerFault: return "the peer broke the contract";
      case Cause::kExhausted: return "something ran out";
    }
    return "unknown cause";
  }

  // The one place where every platform's codes meet the questions callers ask.
  bool equivalent(const std::error_code& code, int condition) const noexcept override {
    switch (static_cast<Cause>(condition)) {
      case Cause::kPeerGone:
        return code == Errc::kPeerClosed || code == Errc::kPeerDied ||
               code == std::errc::broken_pipe || code == std::errc::connection_reset ||
               code == std::errc::not_connected;
      case Cause::kPeerFault: return code.category() == RuleCategory() || code == Errc::kPeerFault;
      case Cause::kExhausted:
        return code == Errc::kWouldBlock || code == Errc::kOverQuota ||
               code == std::errc::not_enough_memory || code == std::errc::no_space_on_device ||
               code == std::errc::too_many_files_open ||
               code == std::errc::too_many_files_open_in_system;
    }
    return false;
  }
};

}  // namespace

const std::error_category& ErrcCategory() noexcept {
  static const ErrcCategoryImpl category;
  return category;
}

const std::error_category& RuleCategory() noexcept {
  static const RuleCategoryImpl category;
  return category;
}

const std::error_category& CauseCategory() noexcept {
  static const CauseCategoryImpl category;
  return category;
}

}  // namespace baton
