#include "runtime/channel/channel.h"
#include "runtime/channel/channel_read_guard.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/processor.h>
#include <baton/platform/state_point.h>

#include "runtime/channel/closes.h"
#include "runtime/channel/pool_trimmer.h"
#include "runtime/channel/socket_stream.h"

namespace baton::internal {
namespace {

// Room for the runtime's own few numbers and a protocol's name.
constexpr std::size_t kSmallestLimit = 4096;

ChannelOptions Sensible(ChannelOptions options) {
  options.max_message_bytes = std::max(options.max_message_bytes, kSmallestLimit);
  options.max_shmem_count = std::min(options.max_shmem_count, kMaxUnreleased);
  options.max_actors = std::min(options.max_actors, kMaxManagedActors);
  return options;
}

}  // namespace

Result<void> Channel::Open(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                           boost::asio::any_io_executor executor, const ChannelOptions& options) {
  BATON_CHECK(actor != nullptr && actor->executor_ == nullptr);  // bound once
  platform::StatePoint("channel.opening");
  BATON_TRY(auto stream, parts.source != nullptr
                             ? parts.source->Open(executor)
                             : OpenSocketStream(std::move(parts.socket), executor));
  auto channel =
      std::make_shared<Channel>(std::move(stream), std::move(parts), std::move(executor), options);
  if (channel->peer_death()) {
    boost::system::error_code error;
    channel->death_watch_->assign(channel->peer_death().get(), error);
    if (error) return Fail(error);
  }
  return channel->Start(*actor);
}

Channel::Channel(std::unique_ptr<Stream> stream, EndpointParts parts,
                 boost::asio::any_io_executor executor, const ChannelOptions& options)
    : executor_(std::move(executor)),
      options_(Sensible(options)),
      stream_(std::move(stream)),
      peer_life_(std::make_shared<PeerLife>(std::move(parts.peer_death))),
      identity_(parts.identity),
      origin_(parts.origin),
      may_look_at_process_(parts.identity && parts.origin != PeerOrigin::kLauncher),
      death_watch_(executor_),
      deadline_(executor_),
      retry_(executor_),
      poller_(RingPoller::Of(executor_)),
      spin_(options_.max_spin, platform::OnlineProcessors() == 1),
      inbox_(options_.max_message_bytes, options_.unsealed_memory),
      backlog_(
          {options_.max_queued_bytes, options_.max_queued_messages, options_.max_queued_handles}),
      queue_({options_.max_queued_bytes, options_.max_queued_messages, options_.max_queued_handles,
              options_.max_queued_answer_bytes}),
      heartbeat_(options_.unresponsive_after) {
  if (origin_ != PeerOrigin::kMet) stream_->IdentifySenders(true);
  if (identity_) peer_life_->KnowNumber(identity_->pid);
  if (origin_ == PeerOrigin::kLaunched) launched_pid_ = std::exchange(identity_, {})->pid;
  queue_.SetEpoch(parts.epoch);
  inbox_.SetEpoch(parts.epoch);
  if (origin_ == PeerOrigin::kLauncher) inbox_.LearnEpoch();
}

Channel::~Channel() {
  Detach();
}

Result<void> Channel::Start(Actor& actor) {
  BATON_CHECKED(MakeRing(actor.protocol_.name));
  actor_ = &actor;
  tree_.SetSide(actor.side_);
  version_ = actor.protocol_.version;
  const wire::LooksAhead& looks_ahead = actor.protocol_.looks_ahead;
  looks_ahead_ = actor.side_ == Side::kParent ? looks_ahead.parent : looks_ahead.child;
  queue_.HoldData(!actor.protocol_.older_hashes.empty());
  if (origin_ == PeerOrigin::kLauncher) queue_.HoldAllButHello();
  actor.executor_ = std::make_shared<boost::asio::any_io_executor>(executor_);
  actor_->channel_ = shared_from_this();
  const auto on_release = [weak = weak_from_this(), executor = executor_] {
    boost::asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->Flush();
    });
  };
  memory_ = std::make_shared<ShmemTable>(actor_->side_, actor_->protocol_.name, options_,
                                         on_release, peer_life_);
  if (options_.max_pooled_bytes > 0) PoolTrimmer::LookAfter(memory_, executor_);
  TellBegin();
  deadline_->expires_after(options_.handshake_deadline);
  deadline_->async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    if (!error && !hello_received_ && phase_ == Phase::kOpen) {
      (void)Fault(Rule::kHelloDeadline, "the peer has not introduced itself in time");
    }
  });
  SayHello();
  AskForRing();
  WatchPeerDeath();
  WaitReadable();
  platform::StatePoint("channel.opened");
  return {};
}

// --- The end -------------------------------------------------------------------------------------

void Channel::Close() {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  StartClosing(queue_.last_data_sequence());
}

Failure Channel::Fault(std::error_code rule, const std::string& what) {
  // What is read from a ring that the peer has shrunk breaks any rule.
  if (incoming_memory_.is_damaged() || outgoing_memory_.is_damaged()) rule = Rule::kHandleSize;
  const char* const protocol = actor_ == nullptr ? "" : actor_->protocol_.name;
  return FaultIn(std::string(protocol) + ": " + what, rule);
}

Failure Channel::FaultIn(std::string detail, std::error_code rule) {
  detail += " (" + rule.message() + ")";
  const auto for_calls = rule == Cause::kPeerFault ? Errc::kPeerFault : Errc::kPeerDied;
  End(ActorDestroyReason::kAbnormalShutdown, rule, std::move(detail), for_calls);
  return Fail(rule);
}

// Frees everything at once; what the user sees of it is posted, so that it never happens inside a
// call of the user's.
void Channel::End(ActorDestroyReason reason, std::error_code error, std::string detail,
                  std::error_code for_calls) {
  if (phase_ == Phase::kEnded || !actor_is_alive()) return;
  Keep keep = KeepAlive();  // closing the stream may let go of the last reference
  if (!end_error_ || error == Cause::kPeerFault) end_error_ = error;
  end_detail_ = std::move(detail);
  platform::StatePoint("channel.ending");
  Detach();
  platform::StatePoint("channel.detached");
  CountClose(end_error_);
  TellEnd();
  // A completion that throws must not take the others, or ActorDestroy, along: a post each.
  for (auto& [id, pending] : std::exchange(calls_, {})) {
    if (pending.message->is_sync) {
      pending.call->Finish(for_calls);  // whoever waits in there looks
      continue;
    }
    boost::asio::post(executor_,
                      [call = std::move(pending.call), for_calls] { call->Finish(for_calls); });
  }
  for (auto& [number, done] : std::exchange(drained_waiters_, {})) {
    boost::asio::post(executor_, [done = std::move(done), for_calls] { done(for_calls); });
  }
  tree_.RemoveAll(*actor_, reason);
  bound_.clear();
  destroy_reason_ = reason;
  const auto guard = std::make_shared<ReadGuard>(std::move(keep), &Channel::DropWatches);
  boost::asio::post(executor_, [this, guard] {
    const Keep kept = guard->Release();
    RunDestroys();
  });
}

void Channel::Detach() {
  if (std::exchange(phase_, Phase::kEnded) == Phase::kEnded) return;
  deadline_->cancel();
  retry_->cancel();
  if (call_timer_) call_timer_->cancel();
  if (heartbeat_timer_) heartbeat_timer_->cancel();
  for (auto& [number, pending] : calls_) ForgetDeadline(pending);
  poller_->Remove(*this);
  if (stream_ != nullptr) stream_->Close();
  // The handle closes what it owns; the watch must not close it a second time.
  if (death_watch_->is_open()) death_watch_->release();
  queue_.Clear();
  backlog_.Clear();
  if (memory_ != nullptr) memory_->Close(parting_);
}

void Channel::Abandon() {
  if (phase_ == Phase::kEnded) return;
  TellEnd();
  actor_ = nullptr;
  if (memory_ != nullptr) memory_->ForgetStore();
  Detach();
  DropWatches();
  tree_.Abandon();  // may destroy actors, as the next two
  const auto waiters_dropped = std::exchange(drained_waiters_, {});
  const auto calls_dropped = std::exchange(calls_, {});  // may destroy the actor
}

void Channel::DropWatches() {
  stream_.reset();
  death_watch_.reset();
  deadline_.reset();
  retry_.reset();
  call_timer_.reset();
  heartbeat_timer_.reset();
}

void Channel::DestroyActor(ActorDestroyReason reason) {
  Actor& actor = *std::exchange(actor_, nullptr);
  actor.ending_ = TheEnding();
  actor.channel_ = nullptr;
  platform::StatePoint("channel.ended");
  actor.ActorDestroy(reason);
}

std::shared_ptr<const Actor::Ending> Channel::TheEnding() {
  if (ending_ == nullptr && phase_ == Phase::kEnded) {
    ending_ = std::make_shared<const Actor::Ending>(
        Actor::Ending{traffic(), statistics(), end_error_, end_detail_, trust_label(), identity_});
  }
  return ending_;
}

Traffic Channel::traffic() const {
  return {queue_.stream_bytes() + queue_.ring_bytes(), stream_bytes_received_ + inbox_.ring_bytes(),
          memory_->bytes_sent(), memory_->bytes_received()};
}

ChannelStatistics Channel::statistics() const {
  ChannelStatistics statistics = counts_;
  statistics.ring_frames_sent = queue_.ring_frames();
  statistics.ring_frames_received = inbox_.ring_frames();
  statistics.doorbells_sent = queue_.doorbells();
  statistics.doorbells_received = inbox_.stream().doorbells();
  statistics.messages_held = backlog_.frames();
  statistics.frames_stale = inbox_.stale_frames();
  statistics.queued_bytes = queue_.data_bytes();
  statistics.most_queued_bytes = queue_.high_water();
  statistics.handles_sent = memory_->handles_sent();
  const PoolStatistics pool = memory_->pool_statistics();
  statistics.pooled_bytes = pool.bytes;
  statistics.pooled_pieces = pool.pieces;
  statistics.pool_hits = pool.hits;
  statistics.pool_misses = pool.misses;
  statistics.pool_trims = pool.trims;
  return statistics;
}

}  // namespace baton::internal
