// The part of Channel that notices that a peer does not respond any more, and that it does again.
//
// Only while something is expected of the peer: an answer that somebody waits for, or that it reads
// what was sent. When the channel comes to rest with such, a timer is set (heartbeat.h); when it
// comes to rest without, there is none. While it does not come to rest, the peer speaks.
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/unresponsive.h>

#include "runtime/channel/channel_guarded.h"

namespace baton::internal {

bool Channel::IsExpecting() const {
  if (calls_.size() > calls_given_up_ || (!queue_.empty() && held_back_ == 0)) return true;
  return (outgoing_ring_ && outgoing_ring_->has_unread()) || stream_->HasUnread();
}

// The channel has come to rest, or something was sent or given up while it rests.
void Channel::TendHeartbeat() {
  const bool may_watch = heartbeat_.is_on() && hello_received_ && !is_unresponsive_;
  if (!may_watch || phase_ != Phase::kOpen || !actor_is_alive()) return;
  const bool expects = IsExpecting();
  const bool is_only_unread = calls_.size() == calls_given_up_ && queue_.empty();
  if (expects && heartbeat_.Expect(Clock::now(), is_only_unread)) return SetHeartbeatTimer();
  if (expects == heartbeat_.is_watching()) return;
  if (!expects) {
    heartbeat_.End();
    return Silence(*heartbeat_timer_);
  }
  heartbeat_.Begin(Clock::now(), inbox_.frames(), is_only_unread);
  SetHeartbeatTimer();
}

void Channel::SetHeartbeatTimer() {
  if (!heartbeat_timer_) heartbeat_timer_.emplace(executor_);
  heartbeat_timer_->expires_at(heartbeat_.next_look());
  heartbeat_timer_->async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    const bool is_due = !error && phase_ == Phase::kOpen && heartbeat_.is_watching();
    if (is_due) LookAtPeer();
  });
}

void Channel::LookAtPeer() {
  if (!IsExpecting()) return heartbeat_.End();
  switch (heartbeat_.Look(Clock::now(), inbox_.frames(), pings_.open != 0)) {
    case Heartbeat::Finding::kNothing: return SetHeartbeatTimer();
    case Heartbeat::Finding::kAsk: return SendPing();
    case Heartbeat::Finding::kSilent: return ReadBeforeBlaming();
  }
}

void Channel::SendPing() {
  pings_.open = ++pings_.last;
  ++counts_.pings_sent;
  QueueHeartbeat(FrameKind::kPing, pings_.open);
  Flush();
  if (phase_ == Phase::kOpen) SetHeartbeatTimer();
}

void Channel::QueueHeartbeat(FrameKind kind, std::uint64_t number) {
  FrameHeader header;
  header.kind = kind;
  header.call = number;
  queue_.Push(header, {});
}

// Its answer may be lying here, unread.
void Channel::ReadBeforeBlaming() {
  PostReadable();
  boost::asio::post(executor_, [this, keep = KeepAlive(), heard = inbox_.frames()] {
    if (phase_ != Phase::kOpen || !heartbeat_.is_watching()) return;
    // In a handler that runs the loop nothing of this channel is called.
    const bool is_silent = inbox_.frames() == heard && IsExpecting();
    is_silent && !reading_ ? TellUnresponsive() : SetHeartbeatTimer();
  });
}

void Channel::TellUnresponsive() {
  heartbeat_.End();  // the next frame tells
  is_unresponsive_ = true;
  const auto silent_for = heartbeat_.SilentFor(Clock::now());
  const Unresponsive what = {
      std::chrono::duration_cast<std::chrono::milliseconds>(silent_for),
      may_look_at_process_ ? platform::StateOf(peer_death()) : ProcessState::kUnknown};
  Guarded([&] { actor_->OnUnresponsive(what); });
}

// Later: this may be inside of a wait for an answer, where no handler runs.
void Channel::PeerHasSpoken() {
  is_unresponsive_ = false;
  boost::asio::post(executor_, [this, keep = KeepAlive()] {
    if (phase_ != Phase::kOpen || is_unresponsive_) return;
    Guarded([&] { actor_->OnResponsive(); });
  });
}

// --- Frames --------------------------------------------------------------------------------------

// One at a time: who sends the next one has received our answer to the last.
void Channel::OnPing(const Frame& frame) {
  if (!queue_.HasLeft(Lane::kControl, pings_.last_pong)) {
    return (void)Fault(Rule::kHeartbeat, "a PING before the last one was answered");
  }
  QueueHeartbeat(FrameKind::kPong, frame.header.call);
  pings_.last_pong = queue_.last_sequence(Lane::kControl);
  Flush();
}

void Channel::OnPong(const Frame& frame) {
  if (frame.header.call == pings_.open) return (void)(pings_.open = 0);
  (void)Fault(Rule::kHeartbeat, "PONG " + std::to_string(frame.header.call));
}

}  // namespace baton::internal
