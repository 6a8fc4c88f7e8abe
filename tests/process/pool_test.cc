// Memory that is used again costs nothing: the kernel's own counters say so.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <optional>

#include <baton/async.h>

#include "runtime/shmem/shmem_record.h"
#include "tests/process/next_timer.h"
#include "tests/process/pool_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/without_pool.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr int kEchoes = 600;  // through 256 KiB
constexpr int kWarmUp = 20;
constexpr int kRounds = 30;

PEER(PoolReader) {
  RunReadingChild(std::move(channel_end));
}

// What must not change any more once everything is warm.
struct Costs {
  std::uint64_t page_faults = 0;
  std::uint64_t page_faults_there = 0;
  std::uint64_t handles_sent = 0;
  std::uint64_t pool_misses = 0;
  std::size_t open_files = 0;
  std::set<SharedArea> areas;
  std::set<SharedArea> areas_there;
};

class Producer {
 public:
  Producer(Peer& peer, Transport transport)
      : side(peer, transport),
        process_there_(transport.peer == PeerKind::kProcess ? peer.pid() : 0) {
    side.actor->counted.reserve(100'000);
  }

  // Until everything has happened that happens, a look at the pool included, which lets go of a
  // piece that nobody uses.
  void WarmUp(void (Producer::*hand_over)()) {
    // Each page of a ring is touched for the first time once.
    for (int echo = 0; echo < kEchoes; ++echo) {
      bool answered = false;
      side.actor->SendEcho(std::string(1000, 'x'),
                           [&](error_code, const std::string&) { answered = true; });
      side.RunUntil([&] { return answered; });
    }
    { const Shmem used_once = Must(side.actor->AllocShmem(1)); }
    for (int round = 0; round < kWarmUp || side.actor->statistics().pool_trims == 0; ++round) {
      (this->*hand_over)();
    }
  }

  // Draws one picture, hands it over, and waits until the other side has read and freed it.
  void HandOverAndForget() {
    const std::size_t before = side.actor->counted.size();
    Shmem picture = Must(side.actor->AllocShmem(8 * kMiB));
    std::memset(picture.bytes().data(), ++color_, picture.size());
    Must(side.actor->SendKeep(std::move(picture)));
    side.RunUntil([&] { return side.actor->counted.size() > before; });
  }

  // The same with memory that comes back.
  void HandOverAndBack() {
    Shmem picture = Must(side.actor->AllocShmem(8 * kMiB));
    std::memset(picture.bytes().data(), 1, picture.size());
    bool is_back = false;
    side.actor->SendFill(std::move(picture), ++color_, [&](error_code error, Shmem back) {
      const auto differs = [&](std::byte one) { return one != std::byte{color_}; };
      CHECK_FALSE(error);
      CHECK(std::ranges::none_of(back.bytes(), differs));
      is_back = true;
    });
    side.RunUntil([&] { return is_back; });
  }

  Costs Now() {
    Costs costs;
    const ChannelStatistics statistics = side.actor->statistics();
    costs.handles_sent = statistics.handles_sent;
    costs.pool_misses = statistics.pool_misses;
    costs.open_files = OpenFiles(::getpid());
    costs.areas = SharedAreas(::getpid());
    REQUIRE_FALSE(costs.areas.empty());
    if (process_there_ != 0) {
      costs.areas_there = SharedAreas(process_there_);
      REQUIRE_FALSE(costs.areas_there.empty());
    }
    if (!side.actor->counted.empty()) costs.page_faults_there = side.actor->counted.back();
    costs.page_faults = PageFaults();
    return costs;
  }

  ParentSide side;

 private:
  const int process_there_;
  std::uint8_t color_ = 0;
};

TEST_CASE("pool: in a steady state 8 MiB are filled, handed over and freed without a page fault") {
  if (IsSanitized()) SKIP_TEST("a sanitizer has page faults of its own");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PoolReader);
  Producer producer(peer, transport);
  producer.WarmUp(&Producer::HandOverAndForget);
  const Costs before = producer.Now();
  producer.HandOverAndForget();  // looking at all that has left the heap in disorder
  CHECK(FewestFaults(
            kRounds, [&] { producer.HandOverAndForget(); }, PageFaults) == 0);
  const Costs after = producer.Now();
  CHECK(after.page_faults_there - before.page_faults_there < kRounds);  // of 2,048 a round
  CHECK(after.handles_sent == before.handles_sent);
  CHECK(after.pool_misses == before.pool_misses);
  CHECK(after.open_files == before.open_files);
  CHECK(after.areas == before.areas);
  CHECK(after.areas_there == before.areas_there);
  CHECK(before.handles_sent <= 3);
  producer.side.CloseAndRun();
}

TEST_CASE("pool: in a steady state 8 MiB go there and back without a page fault") {
  if (IsSanitized()) SKIP_TEST("a sanitizer has page faults of its own");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PoolReader);
  Producer producer(peer, transport);
  producer.WarmUp(&Producer::HandOverAndBack);
  const Costs before = producer.Now();
  producer.HandOverAndBack();  // looking at all that has left the heap in disorder
  CHECK(FewestFaults(
            kRounds, [&] { producer.HandOverAndBack(); }, PageFaults) == 0);
  const Costs after = producer.Now();
  CHECK(after.handles_sent == before.handles_sent);
  CHECK(after.open_files == before.open_files);
  CHECK(after.areas == before.areas);
  CHECK(after.areas_there == before.areas_there);
  CHECK(before.handles_sent == 1);
  producer.side.CloseAndRun();
}

TEST_CASE("pool: switched off, each picture is new memory, and a handle travels") {
  const Transport transport = {PeerKind::kProcess, Path::kRing};
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PoolReader);
  Link link = Offer(peer, transport);
  link.options = WithoutPool(link.options);
  ParentSide parent(std::move(link));
  for (std::size_t round = 1; round <= 3; ++round) {
    Shmem picture = Must(parent.actor->AllocShmem(kMiB));
    CHECK(picture.bytes().front() == std::byte{0});
    std::memset(picture.bytes().data(), 1, picture.size());
    Must(parent.actor->SendKeep(std::move(picture)));
    parent.RunUntil([&] { return parent.actor->counted.size() == round; });
  }
  CHECK(parent.actor->statistics().handles_sent == 3);
  CHECK(parent.actor->statistics().pool_hits == 0);
  parent.CloseAndRun();
}

TEST_CASE("pool: idle memory is let go within two looks, and no timer is left") {
  const Transport transport = {PeerKind::kProcess, Path::kRingAsleep};
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PoolReader);
  ParentSide parent(peer, transport);
  const auto ping = [&] {
    bool answered = false;
    parent.actor->SendPing(1, [&](error_code, std::uint64_t) { answered = true; });
    parent.RunUntil([&] { return answered; });
    REQUIRE(answered);
  };
  const auto has_timer = [] { return SecondsToTimer(::getpid()) <= 60; };
  ping();
  parent.RunUntil([&] { return !has_timer(); });  // the handshake's, and a first look at the peer
  REQUIRE_FALSE(has_timer());
  Shmem memory = Must(parent.actor->AllocShmem(kMiB));
  std::memset(memory.bytes().data(), 1, memory.size());
  Must(parent.actor->SendKeep(std::move(memory)));
  parent.RunUntil([&] { return parent.actor->statistics().pooled_pieces == 1; });
  REQUIRE(parent.actor->statistics().pooled_pieces == 1);
  const auto areas = SharedAreas(peer.pid());
  REQUIRE_FALSE(areas.empty());
  CHECK(parent.actor->statistics().pooled_bytes == kMiB);
  parent.io.restart();
  parent.io.poll();
  CHECK(has_timer());

  int wake_ups = 0;
  for (; parent.actor->statistics().pooled_pieces > 0; ++wake_ups) {
    REQUIRE(parent.io.run_one() == 1);
  }
  CHECK(wake_ups <= 2);
  CHECK(parent.actor->statistics().pool_trims == 1);
  parent.RunUntil([&] { return !has_timer(); });
  REQUIRE_FALSE(has_timer());

  // The other side has unmapped it, too.
  ping();
  CHECK(SharedAreas(peer.pid()).size() < areas.size());
  parent.CloseAndRun();
}

TEST_CASE("pool: let go by hand") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  EchoParent unbound;
  unbound.TrimShmem();
  Peer peer = START_PEER(transport.peer, PoolReader);
  ParentSide parent(peer, transport);
  for (int piece = 0; piece < 3; ++piece) {
    const Shmem one = Must(parent.actor->AllocShmem(kMiB));
    const Shmem two = Must(parent.actor->AllocShmem(2 * kMiB));
  }
  CHECK(parent.actor->statistics().pooled_bytes == 3 * kMiB);
  CHECK(parent.actor->statistics().pool_hits == 4);
  parent.actor->TrimShmem();
  CHECK(parent.actor->statistics().pooled_pieces == 0);
  CHECK(parent.actor->statistics().pool_trims == 2);
  parent.CloseAndRun();
}

// --- Another trust domain ------------------------------------------------------------------------

constexpr std::byte kCanary{0xc5};

// Keeps a mapping of its own of everything that it has ever had, and says how much of that shows
// the canary.
class Spy final : public EchoChild {
 private:
  Result<void> RecvKeep(Shmem memory) override {
    const auto& shared = internal::ShmemAccess::record(memory)->memory();
    void* const seen = ::mmap(nullptr, shared.size(), PROT_READ | PROT_WRITE, MAP_SHARED,
                              shared.handle().get(), 0);
    PEER_EXPECT(seen != MAP_FAILED);
    mapped_.emplace_back(static_cast<std::byte*>(seen), shared.size());
    return DeallocShmem(memory);
  }
  Result<void> RecvCount(std::uint64_t) override {
    std::ptrdiff_t found = 0;
    for (const auto& one : mapped_) found += std::ranges::count(one, kCanary);
    return SendCounted(static_cast<std::uint64_t>(found));
  }
  std::vector<std::span<std::byte>> mapped_;
};

PEER(SpyProcess) {
  io_context io;
  const auto child = std::make_shared<Spy>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
}

TEST_CASE("pool: what one peer has had is never given to another") {
  const Transport transport = {PeerKind::kProcess, Path::kRing};
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, SpyProcess);
  ParentSide spied(peer, transport);
  Peer other = START_PEER(transport.peer, PoolReader);
  ParentSide trusted(other, transport);
  const auto canaries = [&] {
    const std::size_t before = spied.actor->counted.size();
    Must(spied.actor->SendCount(0));
    spied.RunUntil([&] { return spied.actor->counted.size() > before; });
    return spied.actor->counted.back();
  };
  for (int round = 0; round < 3; ++round) {
    Must(spied.actor->SendKeep(Must(spied.actor->AllocShmem(kMiB))));
    CHECK(canaries() == 0);
  }
  spied.RunUntil([&] { return spied.actor->statistics().pooled_pieces > 0; });

  Shmem secret = Must(trusted.actor->AllocShmem(kMiB));
  std::ranges::fill(secret.bytes(), kCanary);
  Must(trusted.actor->SendKeep(std::move(secret)));
  trusted.RunUntil([&] { return !trusted.actor->counted.empty(); });
  CHECK(canaries() == 0);

  // So they would have been seen.
  Shmem own = Must(spied.actor->AllocShmem(kMiB));
  std::ranges::fill(own.bytes(), kCanary);
  CHECK(canaries() >= kMiB);
  own = Shmem();
  trusted.CloseAndRun();
  spied.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
