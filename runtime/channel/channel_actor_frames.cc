// The part of Channel that knows managed actors: what the peer says to them and about them.
// Constructors are in channel_constructors.cc.
#include <utility>

#include "runtime/channel/channel_looking.h"
#include "runtime/channel/control_messages.h"

namespace baton::internal {
namespace {

std::string Numbered(const char* what, std::uint64_t id) {
  return std::string(what) + " " + std::to_string(id);
}

}  // namespace

void Channel::OnActorFrame(Frame& frame) {
  DispatchWaiting();
  if (phase_ != Phase::kOpen) return;
  switch (frame.header.kind) {
    case FrameKind::kConstruct:
      if (MayMake(frame)) OnConstruct(frame);
      return;
    case FrameKind::kOpen:
      if (MayMake(frame)) OnOpen(frame);
      return;
    case FrameKind::kGone: return OnGone(frame);
    default: return OnManaged(frame);
  }
}

// Of a frame that makes an actor, in the order in which they come. The id is in use from here on,
// whatever becomes of it.
bool Channel::IsNewIdRight(const Frame& frame) {
  const FrameHeader& header = frame.header;
  if (!tree_.IsNextOfPeer(header.call)) {
    (void)Fault(Rule::kActorId, Numbered("actor", header.call));
    return false;
  }
  if (header.actor != 0 && !tree_.Existed(header.actor)) {
    (void)Fault(Rule::kUnknownActor, Numbered("manager", header.actor));
    return false;
  }
  tree_.CountPeerId();
  return true;
}

// The same for one that may have been held, and looked at then.
bool Channel::MayMake(const Frame& frame) {
  if (!frame.has_waited && !IsNewIdRight(frame)) return false;
  if (tree_.of_peer() < kMaxManagedActors) return true;
  (void)Fault(Rule::kQuota, "managed actors");
  return false;
}

// --- Messages ------------------------------------------------------------------------------------

void Channel::OnManaged(Frame& frame) {
  const std::uint32_t id = frame.header.actor;
  if (!tree_.Existed(id) && frame.is_early) return DispatchLate(frame, nullptr);
  if (!tree_.Existed(id)) return (void)Fault(Rule::kUnknownActor, Numbered("actor", id));
  if (const std::uint32_t endpoint = tree_.WaitsFor(id)) return WaitForBind(frame, endpoint);
  DispatchManaged(frame);
}

void Channel::DispatchManaged(Frame& frame) {
  const std::uint32_t id = frame.header.actor;
  Actor* const found = tree_.Find(id);
  if (found == nullptr) return DispatchLate(frame, tree_.Remembered(id));
  const std::shared_ptr<Actor> actor = found->shared_from_this();
  Incoming incoming(*this, frame.header.message, frame, found);
  ForgetHandlerFaults();
  const auto dispatched = DispatchMessage(actor->dispatch_, found, incoming, frame);
  if (!dispatched && incoming.taken_ != nullptr) {
    HandlerFailed(dispatched.error(), *incoming.taken_, *actor);
  }
  if (phase_ == Phase::kEnded || incoming.known_ == nullptr) return;
  const bool deletes = incoming.known_->role == wire::MessageRole::kDestructor;
  if (deletes && tree_.Find(id) == found) EndActor(*found, ActorDestroyReason::kDeletion);
}

// For an actor that has gone. The message is taken apart all the same: memory and endpoints in it
// are given up properly, and a question gets its refusal.
void Channel::DispatchLate(Frame& frame, DispatchFunction dispatch) {
  const FrameHeader& header = frame.header;
  const bool asks = IsQuestion(header);
  if (dispatch != nullptr) {
    Incoming incoming(*this, header.message, frame, nullptr);
    if (!dispatch(nullptr, incoming)) return;  // counted and answered
  } else if (asks && !frame.has_waited) {
    if (const auto call = CheckCall(header); !call) {
      return (void)Fault(call.error(), "a question to an actor that has gone");
    }
  }
  ++counts_.messages_late;
  if (asks) RejectLate(header);
}

void Channel::RejectLate(const FrameHeader& header) {
  ++unanswered_;
  RejectCounted(header);
}

// Of a question that waited, and was counted when it came.
void Channel::RejectCounted(const FrameHeader& header, std::error_code reason) {
  if (!IsQuestion(header)) return;
  wire::Message message = {"", header.message, nullptr, nullptr};
  message.is_sync = (header.flags & kSync) != 0;
  Reject(message, QuestionOf(header), reason, AskerOf(header));
}

// --- Endpoints -----------------------------------------------------------------------------------

void Channel::OnOpen(Frame& frame) {
  const auto id = static_cast<std::uint32_t>(frame.header.call);
  const std::uint32_t manager = frame.header.actor;
  if (const std::uint32_t endpoint = tree_.WaitsFor(manager)) {
    tree_.AddBelow(id, endpoint);
    return WaitForBind(frame, endpoint);
  }
  std::uint64_t protocol = 0;
  void* const values[] = {&protocol};
  const auto decoded = Decode(frame, kOpenTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "OPEN");
  if (ActorOf(manager) == nullptr) return;  // the peer learns of that
  if (tree_.of_peer() < options_.max_actors) return tree_.AddUnbound(id, manager, protocol);
  ++counts_.messages_refused;
  tree_.SayFarewell(id, ActorDestroyReason::kManagedEndpointDropped);
  FlushUnlessHeldBack();
}

void Channel::DropUnbound(std::uint32_t id) {
  for (const HeldFrame& lost : tree_.RemoveUnbound(id)) RejectCounted(lost.header());
  tree_.SayFarewell(id, ActorDestroyReason::kManagedEndpointDropped);
}

// Without room the endpoint counts as dropped: its actor has nobody to talk to.
void Channel::WaitForBind(Frame& frame, std::uint32_t endpoint) {
  if (IsQuestion(frame.header)) {
    if (!frame.has_waited) {  // else for an endpoint above this one, and it was counted then
      if (const auto call = CheckCall(frame.header); !call) {
        return (void)Fault(call.error(), "a question to an actor that is not bound");
      }
    }
    ++unanswered_;
  }
  if (tree_.Wait(endpoint, frame)) return;
  RejectCounted(frame.header);
  DropUnbound(endpoint);
  FlushUnlessHeldBack();
}

void Channel::DispatchWaiting() {
  while (!bound_.empty() && phase_ == Phase::kOpen) {
    HeldFrame held = std::move(bound_.front());
    bound_.pop_front();
    Frame& frame = held.frame();
    if (IsQuestion(frame.header)) --unanswered_;
    switch (frame.header.kind) {
      case FrameKind::kConstruct: DispatchConstruct(frame); break;
      case FrameKind::kOpen: OnOpen(frame); break;
      case FrameKind::kGone: OnGone(frame); break;
      default: OnManaged(frame);
    }
  }
}

// --- The peer's farewells ------------------------------------------------------------------------

void Channel::OnGone(Frame& frame) {
  const std::uint32_t id = frame.header.actor;
  std::uint8_t number = 0;
  void* const values[] = {&number};
  const auto decoded = Decode(frame, kGoneTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "GONE");
  const auto reason = static_cast<ActorDestroyReason>(number);
  const bool is_failed = reason == ActorDestroyReason::kFailedConstructor;
  if (!is_failed && reason != ActorDestroyReason::kManagedEndpointDropped) {
    return (void)Fault(Rule::kEnumValue, "GONE");
  }
  if (!tree_.Existed(id) || (is_failed && tree_.IsOfPeer(id))) {
    return (void)Fault(Rule::kUnknownActor, Numbered("actor", id));
  }
  if (const std::uint32_t endpoint = tree_.WaitsFor(id)) {
    if (endpoint != id) return WaitForBind(frame, endpoint);
    for (const HeldFrame& lost : tree_.RemoveUnbound(id)) RejectCounted(lost.header());
    return;
  }
  if (Actor* const actor = tree_.Find(id)) EndActor(*actor, reason);
}

}  // namespace baton::internal
