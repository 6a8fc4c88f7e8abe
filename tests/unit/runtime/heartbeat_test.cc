// When a peer is asked for a sign of life, and when it counts as silent; by a clock of the test's.
#include "runtime/channel/heartbeat.h"

#include <catch2/catch.hpp>

namespace baton::internal {
namespace {

using namespace std::chrono_literals;
using Finding = Heartbeat::Finding;
using Time = Heartbeat::Clock::time_point;

constexpr std::chrono::milliseconds kTolerance{1000};

// Looks when it is time to, as a channel does.
struct Watch {
  explicit Watch(bool soon = false) { heartbeat.Begin(now, heard, soon); }

  Finding LookInTime() {
    now = heartbeat.next_look();
    return Note(heartbeat.Look(now, heard, has_asked));
  }
  Finding LookLate(Heartbeat::Clock::duration by) {
    now = heartbeat.next_look() + by;
    return Note(heartbeat.Look(now, heard, has_asked));
  }
  Finding Note(Finding finding) {
    has_asked = has_asked || finding == Finding::kAsk;
    return finding;
  }
  // How many looks until then.
  int LooksUntil(Finding wanted) {
    int looks = 1;
    while (LookInTime() != wanted) REQUIRE(++looks < 100);
    return looks;
  }

  Time now = Time(1h);
  std::uint64_t heard = 7;
  bool has_asked = false;
  Heartbeat heartbeat{kTolerance};
};

TEST_CASE("a silent peer is asked at half of the tolerance, and given up at all of it") {
  Watch watch;
  const Time begin = watch.now;
  watch.LooksUntil(Finding::kAsk);
  CHECK(watch.now == begin + kTolerance / 2);
  watch.LooksUntil(Finding::kSilent);
  CHECK(watch.now == begin + kTolerance);
  CHECK(watch.heartbeat.SilentFor(watch.now) == kTolerance);
}

TEST_CASE("whatever comes from a peer begins its time anew") {
  Watch watch;
  watch.LooksUntil(Finding::kAsk);
  ++watch.heard;
  watch.has_asked = false;
  CHECK(watch.LookInTime() == Finding::kNothing);
  const Time heard_at = watch.now;
  watch.LooksUntil(Finding::kAsk);
  CHECK(watch.now == heard_at + kTolerance / 2);
  ++watch.heard;  // something else, and the question is still open
  CHECK(watch.LookInTime() == Finding::kNothing);
  const Time again_at = watch.now;
  watch.LooksUntil(Finding::kSilent);
  CHECK(watch.now == again_at + kTolerance);
}

TEST_CASE("time in which nobody could look is not the peer's") {
  Watch watch;
  SECTION("it was not asked: that comes first") {
    CHECK(watch.LookLate(1h) == Finding::kAsk);
  }
  SECTION("it was asked, and may have answered") {
    watch.LooksUntil(Finding::kAsk);
    CHECK(watch.LookLate(1h) == Finding::kNothing);
  }
  SECTION("it has answered") {
    watch.LooksUntil(Finding::kAsk);
    ++watch.heard;
    watch.has_asked = false;
    CHECK(watch.LookLate(1h) == Finding::kNothing);
    CHECK(watch.LookInTime() == Finding::kNothing);
    return;
  }
  const Time looked_at = watch.now;
  watch.LooksUntil(Finding::kSilent);
  CHECK(watch.now == looked_at + kTolerance);
}

TEST_CASE("what most likely happens at once is looked at soon, then ever less often") {
  Watch watch(true);
  const Time begin = watch.now;
  CHECK(watch.heartbeat.next_look() == begin + 10ms);
  Heartbeat::Clock::duration before{};
  Finding finding = Finding::kNothing;
  while (finding != Finding::kSilent) {
    const Time last = watch.now;
    finding = watch.LookInTime();
    CHECK(watch.now - last >= before);
    CHECK(watch.now - last <= kTolerance / 4);
    before = watch.now - last;
  }
  CHECK(watch.now - begin >= kTolerance);
  CHECK(watch.now - begin <= kTolerance + kTolerance / 4);
}

TEST_CASE("every tolerance makes sense, and none means never") {
  CHECK_FALSE(Heartbeat(0ms).is_on());
  CHECK_FALSE(Heartbeat(-1ms).is_on());
  CHECK_FALSE(Heartbeat(std::chrono::milliseconds::min()).is_on());
  CHECK(Heartbeat(1ms).is_on());
  Heartbeat longest(std::chrono::milliseconds::max());
  longest.Begin(Heartbeat::Clock::now(), 0, false);
  CHECK(longest.next_look() > Heartbeat::Clock::now() + 1h);
}

TEST_CASE("once all answers are there, the next look comes soon, and once") {
  constexpr std::chrono::milliseconds kTolerance(4'000);
  Heartbeat heartbeat(kTolerance);
  const Heartbeat::Clock::time_point begin(std::chrono::hours(1));
  heartbeat.Begin(begin, 0, false);
  CHECK(heartbeat.next_look() == begin + kTolerance / 4);
  CHECK_FALSE(heartbeat.Expect(begin, false));
  CHECK(heartbeat.Expect(begin, true));
  CHECK(heartbeat.next_look() < begin + kTolerance / 40);
  CHECK_FALSE(heartbeat.Expect(begin, true));
}

}  // namespace
}  // namespace baton::internal
