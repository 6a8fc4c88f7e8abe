// The part of Channel that knows managed actors: what this side does to them. What the peer does is
// in channel_actor_frames.cc; both sides of constructors are in channel_constructors.cc.
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel_looking.h"
#include "runtime/channel/control_messages.h"

namespace baton::internal {
namespace {

// Payload of a GONE, at most.
constexpr std::size_t kFarewellSize = 64;

FrameHeader HeaderOf(FrameKind kind, std::uint32_t message, std::uint32_t actor) {
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = kind;
  header.message = message;
  header.actor = actor;
  return header;
}

}  // namespace

// --- Making and ending ---------------------------------------------------------------------------

Result<void> Channel::CheckSend() const {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return Fail(Errc::kClosed);
  if (write_broken_) return Fail(Errc::kPeerDied);
  return {};
}

Result<void> Channel::CheckNew(const std::shared_ptr<Actor>& actor) const {
  const bool is_new = actor != nullptr && actor->executor_ == nullptr;
  if (!is_new || actor->side_ != actor_->side_) return Fail(Errc::kWrongActor);
  return {};
}

void Channel::Register(std::uint32_t id, const std::shared_ptr<Actor>& actor, Actor& manager) {
  actor->executor_ = actor_->executor_;
  actor->channel_ = shared_from_this();
  tree_.Add(id, actor, manager);
  platform::StatePoint("actor.born");
}

Result<void> Channel::Delete(const wire::Message& message, std::span<const void* const> values,
                             Actor& actor) {
  BATON_CHECKED(Send(message, values, nullptr, actor.place_.id));
  if (&actor == actor_) {
    Close();
  } else if (tree_.Find(actor.place_.id) == &actor) {  // the channel may have ended with Send
    EndActor(actor, ActorDestroyReason::kDeletion);
  }
  return {};
}

void Channel::EndActor(Actor& actor, ActorDestroyReason reason) {
  platform::StatePoint("actor.ending");
  tree_.Remove(actor, reason);
  for (auto& [number, pending] : calls_) {
    const bool goes_on = pending.actor == 0 || tree_.Find(pending.actor) != nullptr;
    if (!goes_on) GiveUpCall(pending, Errc::kActorGone);
  }
  for (const HeldFrame& lost : tree_.TakeLost()) RejectCounted(lost.header());
  PostDestroys();
}

void Channel::PostDestroys() {
  if (std::exchange(destroys_posted_, true)) return;
  boost::asio::post(executor_, [this, keep = KeepAlive()] { RunDestroys(); });
}

// What ActorDestroy throws ends the channel, and takes nobody else's along.
void Channel::RunDestroys() {
  destroys_posted_ = false;
  try {
    while (const auto ended = tree_.TakeEnded()) {
      ended->actor->ending_ = TheEnding();
      ended->actor->ActorDestroy(ended->reason);
      platform::StatePoint("actor.destroyed");
    }
    if (destroy_reason_) DestroyActor(*std::exchange(destroy_reason_, std::nullopt));
  } catch (...) {
    if (actor_ != nullptr) {
      End(ActorDestroyReason::kAbnormalShutdown, std::make_error_code(std::errc::io_error),
          "ActorDestroy threw", Errc::kClosed);
      PostDestroys();
    }
    throw;
  }
}

void Channel::QueueFarewells() {
  while (phase_ == Phase::kOpen && queue_.Reserve(kFarewellSize, 0)) {
    const auto farewell = tree_.TakeFarewell();
    if (!farewell) return;
    const auto reason = static_cast<std::uint8_t>(farewell->reason);
    const void* const values[] = {&reason};
    const auto encoded = encoder_.Encode(kGoneTable, values, options_.max_message_bytes);
    BATON_CHECK(encoded);  // one number
    queue_.Push(HeaderOf(FrameKind::kGone, 0, farewell->id), encoded->bytes);
    platform::StatePoint("farewell.queued");
  }
}

// --- Endpoints -----------------------------------------------------------------------------------

Result<AnyManagedEndpoint> Channel::OpenManaged(Actor& manager,
                                                const std::shared_ptr<Actor>& actor) {
  BATON_CHECKED(CheckSend());
  BATON_CHECKED(CheckNew(actor));
  const auto id = tree_.NextId();
  if (!id) return Fail(Errc::kOverQuota);
  FrameHeader header = HeaderOf(FrameKind::kOpen, 0, manager.place_.id);
  header.call = *id;
  const void* const values[] = {&actor->protocol_.id};
  BATON_CHECKED(Queue(header, kOpenTable, values));
  platform::StatePoint("endpoint.opened");
  Register(*id, actor, manager);
  FlushUnlessHeldBack();
  return AnyManagedEndpoint(weak_from_this(), *id);
}

Result<void> Channel::BindManaged(AnyManagedEndpoint& endpoint, Actor& manager,
                                  const std::shared_ptr<Actor>& actor) {
  BATON_CHECKED(CheckSend());
  BATON_CHECKED(CheckNew(actor));
  const std::uint32_t id = endpoint.id();
  if (!endpoint.IsOf(*this) || !tree_.IsOfPeer(id)) return Fail(Errc::kWrongActor);
  const ActorTree::Unbound* const unbound = tree_.FindUnbound(id);
  if (unbound == nullptr) return Fail(Errc::kActorGone);
  if (unbound->manager != manager.place_.id || unbound->protocol != actor->protocol_.id) {
    return Fail(Errc::kWrongActor);
  }
  auto waiting = tree_.RemoveUnbound(id);
  endpoint.Forget();
  platform::StatePoint("endpoint.bound");
  Register(id, actor, manager);
  if (waiting.empty()) return {};
  for (HeldFrame& one : waiting) bound_.push_back(std::move(one));
  PostReadable();  // never a handler in here
  return {};
}

void Channel::EndpointDropped(std::uint32_t id) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  platform::StatePoint("endpoint.dropped");
  if (tree_.IsOfPeer(id)) {
    if (tree_.FindUnbound(id) == nullptr) return;
    DropUnbound(id);
  } else {
    Actor* const actor = tree_.Find(id);
    if (actor == nullptr) return;
    EndActor(*actor, ActorDestroyReason::kManagedEndpointDropped);
    tree_.SayFarewell(id, ActorDestroyReason::kManagedEndpointDropped);
  }
  FlushUnlessHeldBack();
}

void AnyManagedEndpoint::Drop() {
  const std::uint32_t id = std::exchange(id_, 0);
  if (id == 0) return;
  if (const auto channel = channel_.lock()) channel->EndpointDropped(id);
}

// --- Actors as values ----------------------------------------------------------------------------

Result<std::uint32_t> Channel::IdToSend(const wire::OutgoingActor& outgoing) const {
  if (outgoing.kind == wire::Kind::kManagedEndpoint) {
    const auto& endpoint = *static_cast<const AnyManagedEndpoint*>(outgoing.value);
    if (!endpoint.IsOf(*this) || tree_.IsOfPeer(endpoint.id())) return Fail(Errc::kWrongActor);
    if (tree_.Find(endpoint.id()) == nullptr) return Fail(Errc::kActorGone);
    return endpoint.id();
  }
  const Actor* const actor = static_cast<const std::shared_ptr<Actor>*>(outgoing.value)->get();
  if (actor == nullptr) return Fail(Errc::kInvalidValue);
  if (actor->channel_.get() == this) return actor->place_.id;
  // All actors of a channel share one copy of its executor.
  const bool was_of_this_tree =
      actor->executor_ != nullptr && actor->executor_ == actor_->executor_;
  return Fail(was_of_this_tree ? Errc::kActorGone : Errc::kWrongActor);
}

Result<void> Channel::DescribeActors(std::span<const wire::OutgoingActor> actors,
                                     std::span<std::byte> bytes) const {
  for (std::size_t n = 0; n < actors.size(); ++n) {
    const wire::OutgoingActor& outgoing = actors[n];
    BATON_TRY(const std::uint32_t id, IdToSend(outgoing));
    std::memcpy(bytes.data() + outgoing.position, &id, sizeof(id));
    if (outgoing.kind != wire::Kind::kManagedEndpoint) continue;
    for (const wire::OutgoingActor& earlier : actors.first(n)) {
      if (earlier.value == outgoing.value) return Fail(Errc::kWrongActor);  // sent twice
    }
  }
  return {};
}

void Channel::DepartActors(std::span<const wire::OutgoingActor> actors) {
  for (const wire::OutgoingActor& outgoing : actors) {
    if (outgoing.kind != wire::Kind::kManagedEndpoint) continue;
    // The sender gave it as an rvalue.
    const_cast<AnyManagedEndpoint*>(static_cast<const AnyManagedEndpoint*>(outgoing.value))
        ->Forget();
  }
}

// An actor that has gone here is nobody's fault: the peer could not know.
Result<void> Channel::ArriveActors(std::span<const wire::IncomingActor> actors) {
  bool is_gone = false;
  for (const wire::IncomingActor& incoming : actors) {
    const std::uint32_t id = incoming.id;
    refused_actor_ = incoming.value;
    if (id != 0 && !tree_.Existed(id)) return Fail(Rule::kUnknownActor);
    if (incoming.kind == wire::Kind::kManagedEndpoint) {
      ActorTree::Unbound* const unbound = tree_.FindUnbound(id);
      const bool is_no_endpoint = !tree_.IsOfPeer(id) || tree_.Find(id) != nullptr;
      if (is_no_endpoint || (unbound != nullptr && unbound->is_given)) {
        return Fail(Rule::kUnknownActor);
      }
      if (unbound != nullptr && unbound->protocol != incoming.protocol) {
        return Fail(Rule::kActorProtocol);
      }
      is_gone = is_gone || unbound == nullptr;
      if (unbound == nullptr) continue;
      unbound->is_given = true;
      *static_cast<AnyManagedEndpoint*>(incoming.value) = {weak_from_this(), id};
      continue;
    }
    Actor* const actor = ActorOf(id);
    is_gone = is_gone || actor == nullptr;
    if (actor == nullptr) continue;
    if (actor->protocol_.id != incoming.protocol) return Fail(Rule::kActorProtocol);
    *static_cast<std::shared_ptr<Actor>*>(incoming.value) = actor->shared_from_this();
  }
  if (is_gone) return Fail(Errc::kActorGone);
  return {};
}

}  // namespace baton::internal
