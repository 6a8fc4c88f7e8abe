#include "runtime/supervise/supervisor_core.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/actor/launch_ends.h"

namespace baton::internal {

using std::chrono::milliseconds;

SupervisorCore::SupervisorCore(platform::Launcher launcher, boost::asio::any_io_executor executor,
                               SupervisorOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      launcher_(std::move(launcher)),
      plan_(options_.restarts),
      death_(executor_),
      timer_(executor_) {}

SupervisorCore::~SupervisorCore() {
  LetGo();
}

// --- Those who wait ------------------------------------------------------------------------------

void SupervisorCore::Next(std::uint64_t number, std::unique_ptr<ChildEventCompletion> completion) {
  waiters_.push_back({number, std::move(completion)});
  Deliver();
}

void SupervisorCore::CancelNext(std::uint64_t number) {
  const auto found = std::ranges::find(waiters_, number, &Waiter::number);
  if (found == waiters_.end()) return;
  Complete(std::move(*found), boost::asio::error::operation_aborted, {});
  waiters_.erase(found);
  if (waiters_.empty() && waiting_for_turn_) timer_.cancel();
}

void SupervisorCore::Deliver() {
  if (!waiters_.empty() && event_) {
    Waiter waiter = std::move(waiters_.front());
    waiters_.pop_front();
    Complete(std::move(waiter), {}, *std::exchange(event_, std::nullopt));
  }
  if (state_ == State::kBetween) return WaitForTurn();
  if (state_ != State::kOver) return;
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    Complete(std::move(waiter), boost::asio::error::operation_aborted, {});
  }
}

// Posted, so that a handler never runs inside a call of the user's.
void SupervisorCore::Complete(Waiter waiter, boost::system::error_code error,
                              ChildEventParts event) {
  boost::asio::post(executor_, [completion = std::move(waiter.completion), error,
                                event = std::move(event)]() mutable {
    completion->Run(error, std::move(event));
  });
}

// --- One incarnation -----------------------------------------------------------------------------

// A timer also where there is no delay, so that launching happens at one place, and posted.
void SupervisorCore::WaitForTurn() {
  if (waiting_for_turn_ || waiters_.empty()) return;
  waiting_for_turn_ = true;
  timer_.expires_at(next_start_);
  timer_.async_wait([this, keep = KeepAlive()](boost::system::error_code) mutable {
    const auto kept = keep.Take();
    waiting_for_turn_ = false;
    if (state_ != State::kBetween || waiters_.empty()) return;
    if (Clock::now() < next_start_) return WaitForTurn();  // cancelled, and somebody waits again
    Launch();
  });
}

void SupervisorCore::Launch() {
  incarnation_ = {.epoch = incarnation_.epoch + 1, .pid = 0};
  killed_ = false;
  started_ = Clock::now();
  platform::StatePoint("supervisor.launching");
  auto endpoint = TryLaunch();
  if (!endpoint) {
    process_ = {};
    return OnEnd({.kind = ChildEndKind::kNotLaunched, .error = endpoint.error()});
  }
  incarnation_.pid = process_.pid();
  state_ = State::kRunning;
  event_ = {incarnation_, *std::move(endpoint), {}};
  platform::StatePoint("supervisor.launched");
  AwaitDeath();
  Deliver();
}

Result<EndpointParts> SupervisorCore::TryLaunch() {
  BATON_TRY(auto ends, LaunchEnds::Create());
  const platform::NativeHandle inherited[] = {ends.theirs.get()};
  BATON_TRY(process_, launcher_.Launch(options_.launch, inherited));
  const auto epoch = static_cast<std::uint32_t>(incarnation_.epoch);
  BATON_TRY(EndpointParts ours, std::move(ends).LaunchedAs(process_, epoch));
  ours.trust_label = options_.trust_label;
  boost::system::error_code error;
  death_.assign(process_.death().get(), error);
  if (error) return Fail(error);
  return ours;
}

void SupervisorCore::AwaitDeath() {
  death_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, keep = KeepAlive()](boost::system::error_code error) mutable {
                      const auto kept = keep.Take();
                      if (!error && state_ == State::kRunning) OnDeath();
                    });
}

void SupervisorCore::OnDeath() {
  const auto status = process_.Wait(milliseconds(0));
  if (status && !*status) return AwaitDeath();
  death_.release();
  process_ = {};
  timer_.cancel();
  ChildEnd end;
  // Somebody has reaped our child, against the rules: all that is known is that it has ended.
  if (!status) end.error = status.error();
  if (status) end.status = **status;
  if (end.status.signal != 0) {
    end.kind = killed_ ? ChildEndKind::kKilled : ChildEndKind::kSignalled;
  }
  OnEnd(end);
}

void SupervisorCore::OnEnd(ChildEnd end) {
  const Clock::time_point now = Clock::now();
  state_ = State::kBetween;
  if (stopping_) {
    end.after = AfterEnd::kStop;
    state_ = State::kOver;
  } else if (const auto delay = plan_.NextDelay(now, now - started_)) {
    end.delay = *delay;
    next_start_ = now + *delay;
  } else {
    end.after = AfterEnd::kGiveUp;
    state_ = State::kOver;
  }
  event_ = {incarnation_, {}, end};
  platform::StatePoint("supervisor.heard_end");
  Deliver();
}

// --- The end -------------------------------------------------------------------------------------

void SupervisorCore::Kill() {
  if (state_ != State::kRunning) return;
  killed_ = true;
  (void)process_.Kill();  // of a child of ours that is not reaped nothing is refused
}

void SupervisorCore::Stop() {
  if (stopping_ || state_ == State::kOver) return;
  stopping_ = true;
  platform::StatePoint("supervisor.stopping");
  if (state_ == State::kBetween) {
    state_ = State::kOver;
    timer_.cancel();
    return Deliver();
  }
  timer_.expires_after(std::clamp(options_.stop_deadline, milliseconds(0),
                                  milliseconds(std::chrono::hours(24 * 365))));
  timer_.async_wait([this, keep = KeepAlive()](boost::system::error_code error) mutable {
    const auto kept = keep.Take();
    if (!error) Kill();
  });
}

void SupervisorCore::End() {
  LetGo();
  Deliver();
}

void SupervisorCore::LetGo() {
  state_ = State::kOver;
  if (death_.is_open()) death_.release();
  timer_.cancel();
  event_.reset();
  process_ = {};
}

void SupervisorCore::Abandon() {
  LetGo();
  const auto dropped_last = std::exchange(waiters_, {});  // may destroy the ChildSupervisor
}

}  // namespace baton::internal
