// The part of Channel that makes managed actors, by constructors.
//
//   ours:   Construct -> id -> CONSTRUCT -> the actor is bound; a sync one waits in channel_sync.cc
//   theirs: CONSTRUCT -> AllocX -> the actor is bound -> RecvXConstructor
//
// What has failed ends on both sides: the peer is told by GONE, or, when it asked, by the refusal.
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel_looking.h"

namespace baton::internal {

// --- Ours ----------------------------------------------------------------------------------------

Result<std::uint32_t> Channel::Construct(const wire::Message& message,
                                         std::span<const void* const> values, Actor& manager,
                                         const std::shared_ptr<Actor>& actor,
                                         std::shared_ptr<CallBase> call) {
  BATON_CHECKED(CheckSend());
  BATON_CHECKED(CheckNew(actor));
  BATON_CHECKED(CheckVersion(message));
  if (call != nullptr) BATON_CHECKED(CheckCalls());
  const auto id = tree_.NextId();
  if (!id) return Fail(Errc::kOverQuota);
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kConstruct;
  header.message = message.id;
  header.actor = manager.place_.id;
  header.call = *id;
  header.flags = FlagsOf(message);
  BATON_CHECKED(QueueMessage(message, header, *message.parameters, values));
  platform::StatePoint("actor.named");
  Register(*id, actor, manager);
  ++counts_.messages_sent;
  if (!hello_received_) promised_since_ = std::max(promised_since_, message.since);
  if (call != nullptr) calls_[QuestionOf(header)] = {&message, std::move(call), *id, {}};
  message.queueing.is_lazy ? FlushLater() : FlushUnlessHeldBack();
  return *id;
}

// Its question has been refused, by either side.
void Channel::ConstructorFailed(std::uint32_t id) {
  if (Actor* const actor = tree_.Find(id)) {
    EndActor(*actor, ActorDestroyReason::kFailedConstructor);
  }
}

// --- Theirs --------------------------------------------------------------------------------------

void Channel::OnConstruct(Frame& frame) {
  const auto id = static_cast<std::uint32_t>(frame.header.call);
  if (const std::uint32_t endpoint = tree_.WaitsFor(frame.header.actor)) {
    tree_.AddBelow(id, endpoint);
    return WaitForBind(frame, endpoint);
  }
  DispatchConstruct(frame);
}

// Whatever happens in here: in the end the actor is alive, or the peer is told that it is not.
void Channel::DispatchConstruct(Frame& frame) {
  const FrameHeader header = frame.header;
  Actor* const found = ActorOf(header.actor);
  // The peer learns of the manager's end, and with it of this one's.
  if (found == nullptr) return DispatchLate(frame, tree_.Remembered(header.actor));
  const auto id = static_cast<std::uint32_t>(header.call);
  const std::shared_ptr<Actor> manager = found->shared_from_this();
  const bool is_too_many = tree_.of_peer() >= options_.max_actors;
  Incoming incoming(*this, header.message, frame, is_too_many ? nullptr : found);
  incoming.constructed_ = id;
  ForgetHandlerFaults();
  const auto dispatched = DispatchMessage(manager->dispatch_, incoming.receiver_, incoming, frame);
  if (phase_ == Phase::kEnded) return;
  if (is_too_many && dispatched) {
    ++counts_.messages_refused;
    manager->OnHandlerError(Errc::kOverQuota);
    if (IsQuestion(header)) {
      ++unanswered_;
      RejectCounted(header, Errc::kOverQuota);
    }
  } else if (!dispatched && incoming.taken_ != nullptr) {
    HandlerFailed(dispatched.error(), *incoming.taken_, *manager);
  }
  if (IsQuestion(header)) return;  // and it has its answer
  if (phase_ == Phase::kEnded || (dispatched && incoming.has_constructed_)) return;
  Actor* const half_made = tree_.Find(id);
  if (half_made == nullptr && incoming.has_constructed_) return;  // deleted, and the peer knows
  if (half_made != nullptr) EndActor(*half_made, ActorDestroyReason::kFailedConstructor);
  tree_.SayFarewell(id, ActorDestroyReason::kFailedConstructor);
  FlushUnlessHeldBack();
}

bool Channel::Constructed(Incoming& incoming, const std::shared_ptr<Actor>& actor) {
  Actor* const manager = incoming.receiver_;
  if (phase_ != Phase::kOpen || !actor_is_alive()) return false;
  if (ActorOf(manager->place_.id) != manager || !CheckNew(actor)) return false;
  Register(incoming.constructed_, actor, *manager);
  incoming.has_constructed_ = true;
  return true;
}

}  // namespace baton::internal
