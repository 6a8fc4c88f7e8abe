// The part of Channel that knows our own open questions: which answer belongs to which, and those
// that nobody waits for any more.
//
// One timer serves all deadlines. It is set for the earliest, and left alone when that question is
// answered: questions that follow each other closely would set it again each time. When the channel
// comes to rest and nothing is left to wait for, it is cancelled.
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel.h"

namespace baton::internal {

std::shared_ptr<CallBase> Channel::TakeCall(const FrameHeader& header,
                                            const wire::Message*& message,
                                            std::error_code& given_up) {
  const auto found = calls_.find(header.call);
  if (found == calls_.end() || found->second.message->id != header.message ||
      found->second.actor != header.actor || AnswerLane(*found->second.message) != header.lane) {
    (void)Fault(Rule::kUnknownCall, "call " + std::to_string(header.call));
    return nullptr;
  }
  PendingCall& pending = found->second;
  message = pending.message;
  given_up = pending.given_up;
  if (given_up) {
    ++counts_.answers_late;
    --calls_given_up_;
  }
  ForgetDeadline(pending);
  auto call = std::move(pending.call);
  calls_.erase(found);
  platform::StatePoint("call.answered");
  if (!drained_waiters_.empty()) TellDrained();
  return call;
}

// The number stays in use until the peer has answered.
void Channel::GiveUpCall(PendingCall& pending, std::error_code reason) {
  if (pending.given_up) return;
  pending.given_up = reason;
  ++calls_given_up_;
  platform::StatePoint("call.given_up");
  ForgetDeadline(pending);
  StopTimerUnlessNeeded();
  if (heartbeat_.is_watching() && !is_awake_ && !reading_) TendHeartbeat();
  if (pending.message->is_sync) return pending.call->Finish(reason);  // nobody's code runs in there
  boost::asio::post(executor_, [call = pending.call, reason] { call->Finish(reason); });
}

void Channel::GiveUpCall(std::uint64_t number, std::error_code reason) {
  const auto found = calls_.find(number);
  if (found != calls_.end()) GiveUpCall(found->second, reason);
}

void Channel::GiveUpCallAt(std::uint64_t number, Clock::time_point time) {
  const auto found = calls_.find(number);
  if (found == calls_.end() || found->second.given_up) return;
  ForgetDeadline(found->second);
  if (time == Clock::time_point::max()) return StopTimerUnlessNeeded();
  found->second.deadline = call_deadlines_.emplace(time, number);
  SetTimer();
}

void Channel::ForgetDeadline(PendingCall& pending) {
  if (const auto deadline = std::exchange(pending.deadline, {})) call_deadlines_.erase(*deadline);
}

void Channel::SetTimer() {
  if (call_deadlines_.empty() || phase_ == Phase::kEnded || !actor_is_alive()) return;
  const Clock::time_point earliest = call_deadlines_.begin()->first;
  if (timer_is_for_ <= earliest) return;
  timer_is_for_ = earliest;
  if (!call_timer_) call_timer_.emplace(executor_);
  call_timer_->expires_at(earliest);
  call_timer_->async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    if (error || phase_ == Phase::kEnded) return;
    timer_is_for_ = Clock::time_point::max();
    GiveUpLateCalls();
    SetTimer();
  });
}

void Channel::GiveUpLateCalls() {
  const Clock::time_point now = Clock::now();
  while (!call_deadlines_.empty() && call_deadlines_.begin()->first <= now) {
    const std::uint64_t number = call_deadlines_.begin()->second;
    GiveUpCall(calls_.at(number), std::make_error_code(std::errc::timed_out));
  }
}

void Channel::StopTimerUnlessNeeded() {
  if (!call_deadlines_.empty() || timer_is_for_ == Clock::time_point::max()) return;
  timer_is_for_ = Clock::time_point::max();
  if (call_timer_) Silence(*call_timer_);
}

// --- For calls (call_base.h) ---------------------------------------------------------------------

void CallBase::Sent(std::weak_ptr<Channel> channel, std::uint64_t number) {
  channel_ = std::move(channel);
  number_ = number;
}

void CallBase::GiveUp(std::error_code reason) {
  if (finished_) return;
  if (const auto channel = channel_.lock()) channel->GiveUpCall(number_, reason);
}

void CallBase::GiveUpAt(std::chrono::steady_clock::time_point time) {
  if (finished_) return;
  if (const auto channel = channel_.lock()) channel->GiveUpCallAt(number_, time);
}

}  // namespace baton::internal
