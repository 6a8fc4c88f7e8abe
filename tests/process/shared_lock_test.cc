// The lock in unsafe memory between two processes, one of which dies, stops, or lies.
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>

#include <baton/shared_lock.h>
#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kCountAt = SharedLock::kSize;
constexpr std::uint64_t kTimes = 20'000;
constexpr std::chrono::milliseconds kAMoment(20);

// Not atomic: the lock is there for that.
std::uint64_t& CountIn(const UnsafeShmem& memory) {
  return *reinterpret_cast<std::uint64_t*>(memory.bytes().data() + kCountAt);
}

void CountMany(SharedLock& lock, const UnsafeShmem& memory) {
  for (std::uint64_t time = 0; time < kTimes; ++time) {
    const auto held = Must(lock.Lock(kPatience));
    ++CountIn(memory);
  }
}

template <class Child>
void RunChild(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<Child>();
  Must(EndpointOf<::testing::PEchoChild>(std::move(channel_end)).Bind(child, io.get_executor()));
  io.run();
}

// Touch takes the lock and keeps it; GiveBack gives it up.
class Holder : public EchoChild {
 protected:
  void RecvTouch(UnsafeShmem memory, TouchReplier reply) override {
    lock_ = Must(SharedLock::At(memory, 0));
    held_ = Must(lock_->Lock(kPatience));
    reply({});
  }
  void RecvGiveBack(GiveBackReplier reply) override {
    held_.reset();
    reply(std::nullopt);
  }

 private:
  std::optional<SharedLock> lock_;
  std::optional<SharedLock::Held> held_;
};

class Counter : public EchoChild {
 protected:
  void RecvTouch(UnsafeShmem memory, TouchReplier reply) override {
    reply({});
    auto lock = Must(SharedLock::At(memory, 0));
    CountMany(lock, memory);
  }
};

// Writes each value there is into the lock's word, until it is killed.
class Forger : public EchoChild {
 protected:
  void RecvTouch(UnsafeShmem memory, TouchReplier reply) override {
    auto* word = reinterpret_cast<std::atomic<std::uint32_t>*>(memory.bytes().data());
    forging_ = std::jthread([memory = memory.Share(), word](const std::stop_token& stop) {
      for (std::uint32_t value = 0; !stop.stop_requested(); ++value) *word = value * 0x9E3779B1U;
    });
    reply({});
  }

 private:
  std::jthread forging_;
};

PEER(HolderProcess) {
  RunChild<Holder>(std::move(channel_end));
}
PEER(CounterProcess) {
  RunChild<Counter>(std::move(channel_end));
}
PEER(ForgerProcess) {
  RunChild<Forger>(std::move(channel_end));
}

enum class Knows { kProcess, kSocket };

// A parent with memory that both sides have, in which the child has done what its Touch does.
struct LockScene {
  LockScene(Peer& peer, Knows knows) {
    platform::Handle death;
    if (knows == Knows::kProcess) {
      death = platform::Handle(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid(), 0)));
      REQUIRE(death);
    }
    Endpoint<::testing::PEchoParent> endpoint({peer.TakeEnd(), std::move(death)});
    Must(std::move(endpoint).Bind(actor, io.get_executor()));
    memory = Must(actor->AllocUnsafeShmem(4096));
    lock = Must(SharedLock::At(memory, 0));
    bool touched = false;
    actor->SendTouch(memory, [&](error_code error, auto) {
      CHECK_FALSE(error);
      touched = true;
    });
    while (!touched && io.run_one() > 0) {
    }
  }

  // What Holder does with it.
  void HaveItGivenUp() {
    bool given_up = false;
    actor->SendGiveBack([&](error_code error, auto) {
      CHECK_FALSE(error);
      given_up = true;
    });
    while (!given_up && io.run_one() > 0) {
    }
  }

  void Close() {
    actor->Close();
    io.run();
  }

  io_context io;
  std::shared_ptr<EchoParent> actor = std::make_shared<EchoParent>();
  UnsafeShmem memory;
  std::optional<SharedLock> lock;
};

TEST_CASE("shared lock: a process that is killed inside leaves it broken until it is mended") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HolderProcess);
  LockScene scene(peer, Knows::kProcess);
  CHECK(scene.lock->TryLock().error() == std::errc::timed_out);
  CHECK(scene.lock->LockToMend(kAMoment).error() == std::errc::timed_out);
  peer.Kill();
  // Nobody runs the channel: the death is seen by whoever waits.
  CHECK(scene.lock->Lock(kPatience).error() == Errc::kOwnerDied);
  CHECK(scene.lock->TryLock().error() == Errc::kOwnerDied);
  CHECK(scene.lock->LockToMend(kPatience));
  CHECK(scene.lock->TryLock());
  scene.io.run();
  CHECK(scene.actor->destroyed == 1);
  CHECK(scene.lock->TryLock());
}

TEST_CASE("shared lock: where the process is not known, the end of the channel stands for it") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HolderProcess);
  LockScene scene(peer, Knows::kSocket);
  peer.Kill();
  scene.io.run();
  CHECK(scene.actor->destroyed == 1);
  CHECK(scene.lock->Lock(kPatience).error() == Errc::kOwnerDied);
  CHECK(scene.lock->LockToMend(kPatience));
}

TEST_CASE("shared lock: a process that is stopped inside costs the deadline, and no more") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HolderProcess);
  LockScene scene(peer, Knows::kProcess);
  REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
  CHECK(scene.lock->Lock(kAMoment).error() == std::errc::timed_out);
  REQUIRE(::kill(peer.pid(), SIGCONT) == 0);
  scene.HaveItGivenUp();
  CHECK(scene.lock->Lock(kPatience));
  scene.Close();
}

TEST_CASE("shared lock: two processes count, no count is lost, and neither starves") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, CounterProcess);
  LockScene scene(peer, Knows::kProcess);
  CountMany(*scene.lock, scene.memory);
  // The child has its turns although this side never lets go of it for long; here it ends.
  scene.Close();
  peer.Join();
  CHECK(CountIn(scene.memory) == 2 * kTimes);
}

TEST_CASE("shared lock: a process that forges its word all the time stops nobody") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ForgerProcess);
  LockScene scene(peer, Knows::kProcess);
  int calls = 0;
  for (; calls < 5'000; ++calls) {
    // Whether it is had is the forger's will; that this comes back is not.
    const auto held = calls % 2 == 0 ? scene.lock->TryLock() : scene.lock->LockToMend({});
  }
  CHECK(calls == 5'000);
  peer.Kill();
  CHECK(scene.lock->LockToMend(kPatience));
  CHECK(scene.lock->TryLock());
  scene.io.run();
}

}  // namespace
}  // namespace baton::testing
