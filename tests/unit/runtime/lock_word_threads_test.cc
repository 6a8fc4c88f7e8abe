#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "runtime/shmem/lock_word.h"
#include "runtime/shmem/turn_queue.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton::internal {
namespace {

using std::chrono::steady_clock;
using testing::kPatience;

// A lock and what it guards; `threads` of one side take turns first, as in LockPlace.
struct Guarded {
  std::atomic<std::uint32_t> word{kLockFree};
  std::uint64_t count = 0;  // not atomic: TSan sees whether the lock orders anything
};

class OneSide {
 public:
  OneSide(Guarded& guarded, Side side) : guarded_(guarded), lock_(guarded.word, side, peer_) {}

  void CountOnce() {
    const auto until = steady_clock::now() + kPatience;
    if (!threads_.Enter(until)) return;
    if (lock_.Take(IfBroken::kFail, until)) {
      ++guarded_.count;
      lock_.GiveUp();
    }
    threads_.Leave();
  }

 private:
  Guarded& guarded_;
  const PeerLife peer_{platform::Handle()};
  TurnQueue threads_;
  LockWord lock_;
};

TEST_CASE("a lock in shared memory: threads of both sides count, and no count is lost") {
  constexpr int kTimes = 5'000;
  Guarded guarded;
  OneSide parent(guarded, Side::kParent);
  OneSide child(guarded, Side::kChild);
  {
    std::vector<std::jthread> threads;
    for (OneSide* side : {&parent, &child, &parent, &child}) {
      threads.emplace_back([side] {
        for (int time = 0; time < kTimes; ++time) side->CountOnce();
      });
    }
  }
  CHECK(guarded.count == 4 * kTimes);
  CHECK(guarded.word == kLockFree);
}

TEST_CASE("a lock in shared memory: a peer that writes into the word all the time stops nobody") {
  std::atomic<std::uint32_t> word{kLockFree};
  const PeerLife peer{platform::Handle()};
  LockWord lock(word, Side::kParent, peer);
  const std::jthread forger([&](const std::stop_token& stop) {
    for (std::uint32_t value = 0; !stop.stop_requested(); ++value) word = value;
  });
  int calls = 0;
  for (; calls < 20'000; ++calls) {
    const auto if_broken = calls % 2 == 0 ? IfBroken::kFail : IfBroken::kMend;
    // Whether it is taken is the forger's will; that this comes back is not.
    if (lock.Take(if_broken, steady_clock::time_point())) lock.GiveUp();
  }
  CHECK(calls == 20'000);
}

TEST_CASE("threads of one side take turns in the order of their coming") {
  TurnQueue turns;
  REQUIRE(turns.Enter(steady_clock::time_point()));
  CHECK_FALSE(turns.Enter(steady_clock::time_point()));

  std::vector<int> order;
  std::vector<std::jthread> threads;
  for (int who = 0; who < 3; ++who) {
    threads.emplace_back([&, who] {
      if (!turns.Enter(steady_clock::now() + kPatience)) return;
      order.push_back(who);
      turns.Leave();
    });
    while (turns.waiting() < static_cast<std::size_t>(who) + 1) std::this_thread::yield();
  }
  turns.Leave();
  threads.clear();
  CHECK(order == std::vector<int>{0, 1, 2});
}

}  // namespace
}  // namespace baton::internal
