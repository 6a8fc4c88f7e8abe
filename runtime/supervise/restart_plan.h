// What a RestartPolicy says, without any clock of its own.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include <baton/child_supervisor.h>

namespace baton::internal {

class RestartPlan {
 public:
  using Clock = std::chrono::steady_clock;

  // Times below nothing count as nothing, those above a century as one.
  explicit RestartPlan(const RestartPolicy& policy);

  // An incarnation ended at `now`, which does not run backwards, after `uptime`. How long to wait
  // before the next one; nothing: give up, and do not ask again.
  std::optional<std::chrono::milliseconds> NextDelay(Clock::time_point now, Clock::duration uptime);

 private:
  std::chrono::milliseconds DelayAfter(std::size_t restarts) const;

  const RestartPolicy policy_;
  std::deque<Clock::time_point> restarts_;  // in the window
};

}  // namespace baton::internal
