// The clock on the wall jumps, and nothing of ours does. This program's clock_gettime is that of
// the C library but for what a test adds to the time of day: the definition here comes first.
#include <dlfcn.h>
#include <time.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>

#include <baton/async.h>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace {

std::atomic<time_t> seconds_ahead = 0;

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = real(clock, time);
  if (clock == CLOCK_REALTIME && result == 0) time->tv_sec += seconds_ahead;
  return result;
}

namespace baton::testing {
namespace {

using boost::system::error_code;
using namespace std::chrono_literals;

PEER(Partner) {
  RunEchoChild(std::move(channel_end));
}

struct ClockJump {
  explicit ClockJump(std::chrono::seconds by) { seconds_ahead = by.count(); }
  ~ClockJump() { seconds_ahead = 0; }
};

TEST_CASE("a clock that jumps moves no deadline") {
  const Transport transport = EachTransport();
  const std::chrono::hours jump = GENERATE(24h, -24h);
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  std::error_code in_an_hour;
  std::error_code soon;
  parent.actor->SendIgnore(Within(1h, [&](error_code error, bool) { in_an_hour = error; }));
  parent.actor->SendIgnore(Within(10ms, [&](error_code error, bool) { soon = error; }));

  const auto before = std::chrono::system_clock::now();
  const ClockJump jumped(jump);
  const auto difference = std::chrono::system_clock::now() - before;
  REQUIRE((difference > 23h || difference < -23h));

  // What is asked later has a deadline of its own.
  std::error_code later;
  parent.actor->SendIgnore(Within(10ms, [&](error_code error, bool) { later = error; }));
  parent.RunUntil([&] { return soon && later; });
  CHECK(soon == std::errc::timed_out);
  CHECK(later == std::errc::timed_out);
  CHECK_FALSE(in_an_hour);
  CHECK(parent.actor->destroyed == 0);
  parent.CloseAndRun();
  CHECK(in_an_hour == Errc::kClosed);
}

}  // namespace
}  // namespace baton::testing
