#include "runtime/shmem/lock_word.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>

#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton::internal {
namespace {

using std::chrono::steady_clock;
using testing::Must;

// A moment that has passed: only looks.
constexpr steady_clock::time_point kAtOnce;

constexpr std::uint32_t kBroken = 16;

struct TwoLocks {
  std::atomic<std::uint32_t> word{kLockFree};
  PeerLife child_life{platform::Handle()};
  PeerLife parent_life{platform::Handle()};
  LockWord parent{word, Side::kParent, child_life};
  LockWord child{word, Side::kChild, parent_life};
};

TEST_CASE("a lock in shared memory: one side at a time, whoever comes first") {
  TwoLocks locks;
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
  CHECK(locks.child.Take(IfBroken::kFail, kAtOnce).error() == std::errc::timed_out);
  CHECK(locks.child.Take(IfBroken::kMend, kAtOnce).error() == std::errc::timed_out);
  locks.parent.GiveUp();
  Must(locks.child.Take(IfBroken::kFail, kAtOnce));
  CHECK(locks.parent.Take(IfBroken::kFail, kAtOnce).error() == std::errc::timed_out);
  locks.child.GiveUp();
  CHECK(locks.word == kLockFree);
}

TEST_CASE("a lock in shared memory: who dies inside leaves it broken until somebody mends it") {
  TwoLocks locks;
  Must(locks.child.Take(IfBroken::kFail, kAtOnce));
  locks.child_life.ChannelEnded();
  const auto until = steady_clock::now() + testing::kPatience;
  CHECK(locks.parent.Take(IfBroken::kFail, until).error() == Errc::kOwnerDied);
  CHECK(locks.parent.Take(IfBroken::kFail, until).error() == Errc::kOwnerDied);
  Must(locks.parent.Take(IfBroken::kMend, until));
  locks.parent.GiveUp();
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
}

TEST_CASE("a lock in shared memory: who dies while it waits does no harm") {
  TwoLocks locks;
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
  locks.word |= 8;  // the child waits, and dies
  locks.child_life.ChannelEnded();
  locks.parent.GiveUp();
  Must(locks.parent.Take(IfBroken::kFail, steady_clock::now() + testing::kPatience));
  locks.parent.GiveUp();
  CHECK(locks.word == kLockFree);
}

TEST_CASE("a lock in shared memory: whoever has had it lets the other side pass") {
  TwoLocks locks;
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
  CHECK_FALSE(locks.child.Take(IfBroken::kFail, kAtOnce));
  locks.word |= 8;  // as it does while it sleeps
  locks.parent.GiveUp();
  CHECK(locks.parent.Take(IfBroken::kFail, kAtOnce).error() == std::errc::timed_out);
  Must(locks.child.Take(IfBroken::kFail, kAtOnce));
  locks.child.GiveUp();
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
}

TEST_CASE("a lock in shared memory: who waits and does not come is overtaken") {
  TwoLocks locks;
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
  locks.word |= 8;
  locks.parent.GiveUp();
  Must(locks.parent.Take(IfBroken::kFail, steady_clock::now() + testing::kPatience));
  locks.parent.GiveUp();
  // And is not waited for once more, unless it asks again.
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
}

TEST_CASE(
    "a lock in shared memory: whatever stands in the word, a call returns and can be mended") {
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    for (std::uint32_t low = 0; low < 32; ++low) {
      TwoLocks locks;
      const std::uint32_t forged = low | (std::uint32_t{1} << bit);
      CAPTURE(forged);
      locks.word = forged;
      const auto taken = locks.parent.Take(IfBroken::kFail, kAtOnce);
      const bool is_held = forged == 2 || forged == 6 || forged == 10 || forged == 14;
      const bool is_free = (forged & ~std::uint32_t{12}) == 0;
      CHECK(taken.has_value() == is_free);
      if (!taken) {
        CHECK(taken.error() ==
              (is_held ? std::make_error_code(std::errc::timed_out) : Errc::kOwnerDied));
      }
      if (!is_held && !is_free) {
        CHECK(locks.word == kBroken);
        Must(locks.parent.Take(IfBroken::kMend, kAtOnce));
        CHECK(locks.word == 1);
      }
    }
  }
}

TEST_CASE("a lock in shared memory: it is given up whatever became of the word") {
  TwoLocks locks;
  const std::uint32_t forged = GENERATE(0U, 2U, 3U, 16U, 0xFFFFFFFFU);
  Must(locks.parent.Take(IfBroken::kFail, kAtOnce));
  locks.word = forged;
  locks.parent.GiveUp();
  CHECK((locks.word & 1) == 0);
}

}  // namespace
}  // namespace baton::internal
