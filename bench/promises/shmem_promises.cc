#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/shared_memory.h>

#include "bench/busy_thread.h"
#include "bench/promises/median.h"
#include "bench/promises/promise.h"
#include "bench/two_processes.h"
#include "bench/yardsticks.h"

namespace bench {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr std::size_t kMessage = 64;
constexpr int kRounds = 1000;

void Copy(std::vector<std::byte>& to, const std::vector<std::byte>& from) {
  std::memcpy(to.data(), from.data(), from.size());
  asm volatile("" : : "r"(to.data()) : "memory");
}

// One enforced hand-over, process quiet: half of there and back, less the message itself. The
// yardstick is copying the bytes instead.
Measured HandOver(std::size_t size) {
  ActorPair actors;
  const std::vector<std::byte> payload(64, std::byte{1});
  auto memory = actors.actor().AllocShmem(size);
  BATON_CHECK(memory);
  std::memset(memory->bytes().data(), 1, size);
  const std::vector<std::byte> from(size, std::byte{1});
  std::vector<std::byte> to(size);
  const auto [message, bounce, copy] = MediansInTurn(
      kRounds, {[&] { actors.Ping(payload); }, [&] { *memory = actors.Bounce(std::move(*memory)); },
                [&] { Copy(to, from); }});
  return {(bounce - message) / 2, copy};
}

// The message alone, one way, where nothing is revoked: half of there and back. The yardstick is a
// bare ring's 64 bytes, one way.
Measured HandOverUnrevoked(std::size_t size) {
  constexpr std::uint64_t kPasses = 100;
  baton::ChannelOptions options;
  options.revocation = baton::platform::Revocation::kNone;
  ActorPair actors(options);
  RingPair bare(Waiting::kSpinInTurn);
  auto memory = actors.actor().AllocShmem(size);
  BATON_CHECK(memory);
  const auto [pass, ring] =
      MediansInTurn(kRounds, {[&] { *memory = actors.Passes(std::move(*memory), kPasses); },
                              [&] {
                                for (std::uint64_t pass = 0; pass < kPasses; ++pass)
                                  bare.RoundTrip(kMessage);
                              }});
  return {pass / kPasses / 2, ring / kPasses / 2};
}

// Access taken away and given back, with a busy thread on another CPU. The yardstick is the same by
// mprotect.
Measured RevokeAndGrantBusy(std::size_t size) {
  PinToOurCpu();
  const auto memory = baton::platform::SharedMemory::Create("bench", size);
  BATON_CHECK(memory);
  auto mapping = memory->Map();
  BATON_CHECK(mapping);
  auto plain = memory->Map({.way = baton::platform::RevocationWay::kInPlace});
  BATON_CHECK(plain);
  std::memset(mapping->bytes().data(), 1, size);
  std::memset(plain->bytes().data(), 1, size);
  const auto turn = [](baton::platform::Mapping& which) {
    BATON_CHECK(which.Revoke());
    BATON_CHECK(which.Grant());
    which.bytes().front() = std::byte{1};
  };
  const BusyThread busy;
  const auto [ours, yardstick] =
      MediansInTurn(kRounds, {[&] { turn(*mapping); }, [&] { turn(*plain); }});
  return {ours, yardstick};
}

}  // namespace

Measured HandOverOf64KiB() {
  return HandOver(64 * kKiB);
}

Measured HandOverOf1MiB() {
  return HandOver(kMiB);
}

Measured HandOverOf8MiB() {
  return HandOver(8 * kMiB);
}

Measured HandOverOf32MiB() {
  return HandOver(32 * kMiB);
}

Measured HandOverOf8MiBUnrevoked() {
  return HandOverUnrevoked(8 * kMiB);
}

Measured RevokeAndGrant8MiBBusy() {
  return RevokeAndGrantBusy(8 * kMiB);
}

Measured RevokeAndGrant32MiBBusy() {
  return RevokeAndGrantBusy(32 * kMiB);
}

// Freezing what this side has made and filled, without making and filling it. The yardstick is a
// copy of the bytes, to memory that is there already.
Measured FreezeOf8MiB() {
  constexpr int kFreezes = 100;
  constexpr std::size_t kSize = 8 * kMiB;
  ActorPair actors;
  const std::vector<std::byte> from(kSize, std::byte{1});
  std::vector<std::byte> to(kSize);
  std::vector<double> freezes;
  std::vector<double> copies;
  const auto timed = [](auto what) {
    const auto begin = std::chrono::steady_clock::now();
    what();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return took.count();
  };
  for (int round = 0; round < kFreezes; ++round) {
    auto memory = actors.actor().AllocShmem(kSize, baton::ShmemUse::kFreezable);
    BATON_CHECK(memory);
    std::memset(memory->bytes().data(), 1, kSize);
    baton::FrozenShmem frozen;
    freezes.push_back(timed([&] {
      auto made = actors.actor().Freeze(std::move(*memory));
      BATON_CHECK(made);
      frozen = *std::move(made);
    }));
    copies.push_back(timed([&] { Copy(to, from); }));
  }
  return {Median(std::move(freezes)), Median(std::move(copies))};
}

// How much more 32 MiB cost than 64 KiB, and how much more it is to copy them.
Measured SizeOfHandOver() {
  const Measured small = HandOverOf64KiB();
  const Measured large = HandOverOf32MiB();
  return {large.value - small.value, large.yardstick - small.yardstick};
}

}  // namespace bench
