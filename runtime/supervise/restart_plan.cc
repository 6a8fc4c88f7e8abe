#include "runtime/supervise/restart_plan.h"

#include <algorithm>

namespace baton::internal {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNone{0};
constexpr milliseconds kCentury = std::chrono::hours(24 * 365 * 100);  // no sum overflows

milliseconds Sensible(milliseconds time) {
  return std::clamp(time, kNone, kCentury);
}

RestartPolicy Sensible(RestartPolicy policy) {
  policy.window = Sensible(policy.window);
  policy.first_delay = Sensible(policy.first_delay);
  policy.longest_delay = Sensible(policy.longest_delay);
  policy.min_uptime = std::max(Sensible(policy.min_uptime), milliseconds(1));
  return policy;
}

}  // namespace

RestartPlan::RestartPlan(const RestartPolicy& policy) : policy_(Sensible(policy)) {}

std::optional<milliseconds> RestartPlan::NextDelay(Clock::time_point now, Clock::duration uptime) {
  if (uptime >= policy_.min_uptime) restarts_.clear();
  while (!restarts_.empty() && now - restarts_.front() > policy_.window) restarts_.pop_front();
  if (restarts_.size() >= policy_.max_restarts) return std::nullopt;
  const milliseconds delay = DelayAfter(restarts_.size());
  restarts_.push_back(now);
  return delay;
}

milliseconds RestartPlan::DelayAfter(std::size_t restarts) const {
  milliseconds delay = policy_.first_delay;
  while (restarts-- > 0 && delay < policy_.longest_delay && delay > kNone) delay *= 2;
  return std::min(delay, policy_.longest_delay);
}

}  // namespace baton::internal
