#include "runtime/supervise/restart_plan.h"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

namespace baton::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const RestartPlan::Clock::time_point kStart = RestartPlan::Clock::now();

RestartPolicy Policy() {
  return {.max_restarts = 5,
          .window = milliseconds(1000),
          .first_delay = milliseconds(10),
          .longest_delay = milliseconds(60),
          .min_uptime = milliseconds(100)};
}

// An end `at` that time, after a run of `uptime`; -1: given up.
long long DelayMs(RestartPlan& plan, int at, int uptime = 0) {
  const auto delay = plan.NextDelay(kStart + milliseconds(at), milliseconds(uptime));
  return delay ? static_cast<long long>(delay->count()) : -1;
}

TEST_CASE("Each restart waits twice as long as the one before, up to the longest delay") {
  RestartPlan plan(Policy());
  std::vector<long long> delays;
  for (int end = 0; end < 6; ++end) delays.push_back(DelayMs(plan, end));
  CHECK(delays == std::vector<long long>{10, 20, 40, 60, 60, -1});
}

TEST_CASE("A restart older than the window does not count any more") {
  RestartPlan plan(Policy());
  for (int end = 0; end < 5; ++end) REQUIRE(DelayMs(plan, end * 100) > 0);
  SECTION("not yet") {
    CHECK(DelayMs(plan, 1000) == -1);
  }
  SECTION("one") {
    CHECK(DelayMs(plan, 1001) == 60);
  }
  SECTION("all of them") {
    CHECK(DelayMs(plan, 1401) == 10);
  }
}

TEST_CASE("A run of the minimum uptime makes the count begin anew") {
  RestartPlan plan(Policy());
  for (int end = 0; end < 5; ++end) REQUIRE(DelayMs(plan, end) > 0);
  SECTION("long enough") {
    CHECK(DelayMs(plan, 105, 100) == 10);
    CHECK(DelayMs(plan, 106, 1) == 20);
  }
  SECTION("a little too short") {
    CHECK(DelayMs(plan, 104, 99) == -1);
  }
}

TEST_CASE("No restarts: the first end is the last") {
  RestartPolicy policy = Policy();
  policy.max_restarts = 0;
  RestartPlan plan(policy);
  CHECK(DelayMs(plan, 0) == -1);
}

TEST_CASE("Times without sense are made sensible, and no sum overflows") {
  RestartPolicy policy = Policy();
  policy.max_restarts = std::numeric_limits<std::size_t>::max();
  SECTION("below nothing") {
    policy.window = policy.first_delay = policy.longest_delay = policy.min_uptime =
        milliseconds::min();
    RestartPlan plan(policy);
    CHECK(DelayMs(plan, 0) == 0);
    CHECK(DelayMs(plan, 1) == 0);
  }
  SECTION("for ever") {
    policy.window = policy.first_delay = policy.longest_delay = policy.min_uptime =
        milliseconds::max();
    RestartPlan plan(policy);
    CHECK(plan.NextDelay(kStart, hours(1)) == hours(24 * 365 * 100));
    CHECK(plan.NextDelay(kStart, hours(1)) == hours(24 * 365 * 100));
  }
  SECTION("no delay, ever so often") {
    policy.first_delay = milliseconds(0);
    RestartPlan plan(policy);
    for (int end = 0; end < 1000; ++end) REQUIRE(DelayMs(plan, end) == 0);
  }
}

}  // namespace
}  // namespace baton::internal
