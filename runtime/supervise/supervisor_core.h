// What a ChildSupervisor does.
//
//                     Next waits, delay over               death
//   kBetween ------------------------------> kRunning ------------> kBetween, or kOver
//      ^                  | the launch fails     | Stop: a deadline, then Kill
//      +------------------+
//
// A start always has somebody who waits for it; an end is kept until there is one.
//
// Lifetime: the ChildSupervisor and every pending operation own it. Threads: all on the executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include <baton/child_supervisor.h>
#include <baton/platform/launcher.h>

#include "runtime/supervise/restart_plan.h"

namespace baton::internal {

class SupervisorCore : public std::enable_shared_from_this<SupervisorCore> {
 public:
  SupervisorCore(platform::Launcher launcher, boost::asio::any_io_executor executor,
                 SupervisorOptions options);
  ~SupervisorCore();

  const boost::asio::any_io_executor& executor() const { return executor_; }
  Incarnation incarnation() const { return incarnation_; }
  bool is_running() const { return state_ == State::kRunning; }

  std::uint64_t NextNext() { return ++last_next_; }
  void Next(std::uint64_t number, std::unique_ptr<ChildEventCompletion> completion);
  void CancelNext(std::uint64_t number);
  void Kill();
  void Stop();
  // The end of the ChildSupervisor.
  void End();

 private:
  using Clock = RestartPlan::Clock;

  enum class State : std::uint8_t { kBetween, kRunning, kOver };

  struct Waiter {
    std::uint64_t number;
    std::unique_ptr<ChildEventCompletion> completion;
  };

  // What every pending operation holds. Destroyed without having run, it says that the io_context
  // has gone: handlers that wait here may own the supervisor, and that circle must be broken.
  class Keep {
   public:
    explicit Keep(std::shared_ptr<SupervisorCore> core) : core_(std::move(core)) {}
    Keep(Keep&&) noexcept = default;
    Keep& operator=(Keep&&) = delete;
    ~Keep() {
      if (core_ != nullptr) core_->Abandon();
    }
    std::shared_ptr<SupervisorCore> Take() { return std::move(core_); }

   private:
    std::shared_ptr<SupervisorCore> core_;
  };
  Keep KeepAlive() { return Keep(shared_from_this()); }

  void Deliver();
  void WaitForTurn();
  void Launch();
  Result<EndpointParts> TryLaunch();
  void AwaitDeath();
  void OnDeath();
  void OnEnd(ChildEnd end);
  void Complete(Waiter waiter, boost::system::error_code error, ChildEventParts event);
  void LetGo();
  void Abandon();

  const boost::asio::any_io_executor executor_;
  const SupervisorOptions options_;
  platform::Launcher launcher_;  // before process_: the thread outlives what it made
  RestartPlan plan_;

  State state_ = State::kBetween;
  Incarnation incarnation_;
  platform::Process process_;                    // while kRunning
  boost::asio::posix::stream_descriptor death_;  // watches, does not own
  boost::asio::steady_timer timer_;              // of the delay, or of Stop
  Clock::time_point started_;
  Clock::time_point next_start_ = Clock::time_point::min();
  bool waiting_for_turn_ = false;
  bool stopping_ = false;
  bool killed_ = false;  // the child that runs, by us

  std::uint64_t last_next_ = 0;
  std::list<Waiter> waiters_;
  std::optional<ChildEventParts> event_;  // while nobody waits
};

}  // namespace baton::internal
