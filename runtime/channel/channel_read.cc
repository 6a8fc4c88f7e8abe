// The half of Channel that reads.
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel_guarded.h"
#include "runtime/channel/channel_read_guard.h"

namespace baton::internal {
namespace {

// A channel with more to read lets others on the same executor have their turn.
constexpr int kReceivesPerTurn = 16;
constexpr int kFramesPerTurn = 64;

// What the peer may have left behind in the socket and the ring. Whoever else holds them may go on
// writing after its death.
constexpr std::uint64_t kMostAfterDeath = std::uint64_t{64} << 20;

}  // namespace

void Channel::WaitReadable() {
  if (std::exchange(waiting_readable_, true)) return;
  const auto guard = std::make_shared<ReadGuard>(KeepAlive());
  stream_->WaitReadable([this, guard] {
    const Keep kept = guard->Release();
    waiting_readable_ = false;
    OnReadable();
  });
}

// A grandchild that inherited the socket hides the hang-up; the process handle does not. What the
// peer sent before it died is read first. What has happened to a descriptor that nobody watches any
// more, Asio may tell whoever watches the next one: so the process itself is asked.
void Channel::WatchPeerDeath() {
  if (!death_watch_->is_open()) return;
  death_watch_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this, keep = KeepAlive()](boost::system::error_code error) {
                             if (error || phase_ == Phase::kEnded) return;
                             peer_life_->IsGone() ? PeerIsGone() : WatchPeerDeath();
                           });
}

// Whatever it sent is in the stream and the ring by now: read until those are empty, then end.
void Channel::PeerIsGone() {
  platform::StatePoint("peer.gone");
  if (!std::exchange(peer_gone_, true)) read_until_ = bytes_received() + kMostAfterDeath;
  PostReadable();
}

void Channel::PostReadable() {
  if (std::exchange(read_posted_, true)) return;
  const auto guard = std::make_shared<ReadGuard>(KeepAlive());
  boost::asio::post(executor_, [this, guard] {
    const Keep kept = guard->Release();
    read_posted_ = false;
    OnReadable();
  });
}

void Channel::OnReadable() {
  if (phase_ == Phase::kEnded) return;
  if (reading_) return ReadInside();
  Guarded([&] { ReadTurn(); });
}

void Channel::ReadTurn() {
  // Not only in Rest: a peer that sends without a pause must not keep us from sending.
  if (!queue_.empty()) FlushAgain();
  if (phase_ == Phase::kEnded) return;
  WakeUp();
  Keep kept;
  if (!bound_.empty()) {
    kept = KeepAlive();
    DispatchWaiting();
    if (phase_ == Phase::kEnded) return;
  }
  for (int turn = 0; turn < kReceivesPerTurn; ++turn) {
    // The end is asked for before the ring: what was said before it must be in there.
    const Received received =
        turn == 0 && inbox_.has_frame() ? Received::kSomething : ReceiveOnce();
    const Left left = DispatchFrames(kFramesPerTurn, kept);
    if (left == Left::kEnded) return;
    if (left == Left::kMore && !(peer_gone_ && bytes_received() > read_until_)) {
      return PostReadable();
    }
    if (received == Received::kEnd) return StreamEnded();
    if (peer_gone_ && bytes_received() > read_until_) return StreamEnded();
    if (stream_is_empty_) return Rest();
  }
  PostReadable();
}

// Nothing to do until something comes.
void Channel::Rest() {
  if (!queue_.empty()) FlushAgain();  // a doorbell may have told of room
  if (phase_ == Phase::kEnded) return;
  if (peer_gone_) return PostReadable();
  WaitReadable();
  if (inbox_.ring() == nullptr) {
    StopTimerUnlessNeeded();
    TendHeartbeat();
    return TellRest();
  }
  if (spin_.to_spin().count() == 0 && !spin_.yields()) {
    if (!TryToSleep() && phase_ != Phase::kEnded) PostReadable();
  } else {
    is_awake_ = is_polled_ = true;
    poller_->Add(*this, spin_);
  }
}

Channel::Received Channel::ReceiveOnce() {
  if (stream_has_ended_) return Received::kEnd;
  const auto space = inbox_.stream().Space();
  std::vector<platform::Handle>& handles = inbox_.stream().incoming_handles();
  const std::size_t handles_before = handles.size();
  auto received = stream_->Receive(space, handles);
  if (origin_ != PeerOrigin::kMet && received && *received > 0 && !MayHaveSent()) [[unlikely]] {
    handles.resize(handles_before);
    received = Result<std::size_t>(Fail(Rule::kIdentity));
  }
  if (received && *received > 0) {
    // Less than there was room for: most likely that was all, and waiting asks the kernel anyway.
    // But handles come alone, whatever is behind them.
    const bool may_be_more = looks_ahead_ && handles.size() != handles_before;
    stream_is_empty_ = *received < space.size() && !peer_gone_ && !may_be_more;
    stream_bytes_received_ += *received;
    inbox_.stream().Commit(*received);
    return Received::kSomething;
  }
  const bool would_block = !received && received.error() == std::errc::operation_would_block;
  if (would_block && !peer_gone_) {
    stream_is_empty_ = true;
    return Received::kNothing;
  }
  stream_is_empty_ = false;
  // For good: an error may have lost bytes, and what came later would look out of order.
  stream_has_ended_ = true;
  stream_error_ = received || would_block ? std::error_code() : received.error();
  return Received::kEnd;
}

void Channel::StreamEnded() {
  const std::error_code error = stream_error_;
  const bool gone = !error || error == Cause::kPeerGone;
  if (error == Cause::kPeerFault) {
    (void)Fault(error, error == Rule::kIdentity ? WhoElse() : "handles were lost");
  } else if (phase_ == Phase::kClosing) {
    End(ActorDestroyReason::kNormalShutdown, gone ? std::error_code() : error, {}, Errc::kClosed);
  } else {
    const std::error_code reason = gone ? Errc::kPeerDied : error;
    const char* where = inbox_.stream().AtBoundary() ? "between two messages" : "inside a message";
    End(ActorDestroyReason::kAbnormalShutdown, reason, reason.message() + ", " + where,
        Errc::kPeerDied);
  }
}

Channel::Left Channel::DispatchFrames(int most, Keep& kept) {
  bool stream_is_empty = false;
  int may_take = Backlog::kMostAhead;
  Frame frame;
  turn_is_over_ = false;
  for (int count = 0; count < most && !turn_is_over_; ++count) {
    if (looks_ahead_ || !backlog_.empty()) [[unlikely]] {
      const Left left = DispatchNextHeld(may_take, kept);
      if (left == Left::kMore) continue;
      if (left == Left::kNothing && may_take <= 0) break;  // there may be more
      return left == Left::kEnded ? left : ReleaseRing();
    }
    const auto has_frame = inbox_.Next(stream_is_empty, frame);
    if (!has_frame) {
      (void)Fault(has_frame.error(), "in the stream of frames");
      return Left::kEnded;
    }
    if (!*has_frame) {
      if (!inbox_.must_receive()) return ReleaseRing();
      const Received received = ReceiveOnce();
      if (received == Received::kEnd) return ReleaseRing();
      stream_is_empty = received == Received::kNothing;
      continue;
    }
    stream_is_empty = false;
    if (kept.channel == nullptr) kept = KeepAlive();
    OnFrame(frame);
    if (phase_ == Phase::kEnded) return Left::kEnded;
    const bool is_time = count % kFramesPerRelease == kFramesPerRelease - 1 ||
                         (inbox_.ring() != nullptr && inbox_.ring()->should_release());
    if (is_time && ReleaseRing() == Left::kEnded) return Left::kEnded;
  }
  return ReleaseRing() == Left::kEnded ? Left::kEnded : Left::kMore;
}

// --- The incoming ring ---------------------------------------------------------------------------

Channel::Left Channel::ReleaseRing() {
  RingReader* const ring = inbox_.ring();
  if (ring != nullptr && ring->Release()) RingDoorbell();
  if (incoming_memory_.is_damaged() || outgoing_memory_.is_damaged()) {
    (void)Fault(Rule::kHandleSize, "a ring that was shrunk");
  }
  return phase_ == Phase::kEnded ? Left::kEnded : Left::kNothing;
}

Polled::Found Channel::Poll() {
  Keep kept;  // from the first frame on: a look that finds nothing must be cheap
  const bool has_flushed = !queue_.empty() && FlushIntoRing();
  const Found otherwise = has_flushed ? Found::kBusy : Found::kNothing;
  if (reading_ || phase_ == Phase::kEnded) return otherwise;
  const std::uint64_t sent = counts_.messages_sent;
  const Left left = Guarded([&] { return DispatchFrames(kFramesPerTurn, kept); });
  const bool must_rest = std::exchange(must_rest_, false);
  if ((stream_has_ended_ || must_rest) && phase_ != Phase::kEnded) PostReadable();
  if (kept.channel == nullptr) return otherwise;
  const bool is_all = left == Left::kNothing && sent == counts_.messages_sent && !has_flushed;
  return is_all ? Found::kMessages : Found::kBusy;
}

// Whether the peer has made room.
bool Channel::FlushIntoRing() {
  const std::uint64_t before = queue_.ring_frames();
  FlushAgain();
  return before != queue_.ring_frames();
}

void Channel::WakeUp() {
  RingReader* const ring = inbox_.ring();
  if (ring == nullptr || is_awake_) return;
  ring->Wake();
  is_awake_ = true;
  TellWake();
  spin_.NoteMessage(Clock::now(), SpinBudget::Found::kAsleep);
}

bool Channel::FallAsleep() {
  // A handler runs the io_context, perhaps until nothing is ready any more.
  if (reading_) must_rest_ = true;
  const bool falls_asleep = reading_ ? AwaitRoom() : TryToSleep();
  if (falls_asleep) is_polled_ = false;
  return falls_asleep;
}

// Asks for a doorbell where frames wait for the ring. False: there is room.
bool Channel::AwaitRoom() {
  const auto asked = queue_.AskForRoom();
  if (!asked) (void)Fault(asked.error(), "the outgoing ring");
  return !asked || *asked;
}

bool Channel::TryToSleep() {
  if (ReleaseRing() == Left::kEnded) return true;
  if (!AwaitRoom()) return false;
  if (phase_ == Phase::kEnded) return true;
  const auto asleep = inbox_.ring()->Sleep();
  if (!asleep) {
    (void)Fault(asleep.error(), "the incoming ring");
    return true;
  }
  if (!*asleep) return false;
  platform::StatePoint("ring.asleep");
  is_awake_ = false;
  StopTimerUnlessNeeded();
  TendHeartbeat();
  ++counts_.sleeps;
  TellSleep();
  inbox_.stream().Shrink();
  queue_.Shrink();
  return true;
}

}  // namespace baton::internal
