#include <malloc.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <baton/base/check.h>

#include "bench/bare/bare_ring.h"
#include "bench/promises/median.h"
#include "bench/promises/promise.h"
#include "bench/two_processes.h"
#include "bench/yardsticks.h"
#include "benchChild.h"

namespace bench {
namespace {

constexpr std::size_t kSmall = 64;
constexpr int kRounds = 20'000;

// What one call of Volleys does while both sides spin: less, and the caller's loop would count.
constexpr int kVolleys = 20;

// Millions a second, the median of some runs that take turns: ours, the bare ring, the bare socket.
struct Rates {
  double ours;
  double ring;
  double socket;
};

template <class F>
double MillionsPerSecond(int messages, F send_all) {
  const auto begin = std::chrono::steady_clock::now();
  send_all(messages);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  return messages / took.count();
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// With large payloads the size of the ring decides: ours is then as large as the yardstick's.
constexpr std::size_t kLargePayload = std::size_t{16} << 10;
constexpr std::size_t kLargeRing = std::size_t{1} << 20;
static_assert(kRingBytes == kLargeRing + kRingWordBytes);

Rates OneWayRates(std::size_t size) {
  constexpr int kRuns = 9;
  const int messages = static_cast<int>(std::max<std::size_t>(400'000'000 / (size + 400), 2000));
  ActorPair actors(Placement::kTwoCpus, ActorsWait::kAsChosen,
                   size < kLargePayload ? baton::ChannelOptions().ring_bytes : kLargeRing);
  RingPair ring(Waiting::kEpoll);
  StreamPair stream;
  // What the array needs around it is part of the message.
  const std::vector<std::byte> piece(size - 24, std::byte{7});
  std::vector<double> ours;
  std::vector<double> by_ring;
  std::vector<double> by_socket;
  for (int run = 0; run < kRuns; ++run) {
    ours.push_back(MillionsPerSecond(messages, [&](int count) {
      const auto all = static_cast<std::uint64_t>(count);
      size == kSmall ? actors.OneWay(all) : actors.OneWay(all, piece);
    }));
    by_ring.push_back(MillionsPerSecond(messages, [&](int count) { ring.OneWay(count, size); }));
    by_socket.push_back(
        MillionsPerSecond(messages / 4, [&](int count) { stream.OneWay(count, size); }));
  }
  return {Median(ours), Median(by_ring), Median(by_socket)};
}

Measured BesideTheBetter(std::size_t size) {
  const Rates rates = OneWayRates(size);
  return {rates.ours, std::max(rates.ring, rates.socket)};
}

// Memory that is mapped as a ring, each piece once, though both ends map it.
std::size_t RingBytes() {
  std::ifstream maps("/proc/self/maps");
  std::map<std::string, std::size_t> pieces;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(":ring") == std::string::npos) continue;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string inode;
    std::string skipped;
    char dash = 0;
    std::istringstream words(line);
    words >> std::hex >> begin >> dash >> end >> skipped >> skipped >> skipped >> inode;
    pieces[inode] = end - begin;
  }
  std::size_t sum = 0;
  for (const auto& [inode, size] : pieces) sum += size;
  return sum;
}

class QuietParent final : public PBenchParent {
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    return {};
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
};

class QuietChild final : public PBenchChild {
  baton::Result<void> RecvVolley(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d,
                                 std::uint64_t e, std::uint64_t f, std::uint64_t g,
                                 std::uint64_t h) override {
    return SendVolley(a, b, c, d, e, f, g, h);
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
  void RecvPing(std::vector<std::byte> payload, PingReplier reply) override {
    reply(std::move(payload));
  }
  void RecvAsk(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
               std::uint64_t, std::uint64_t, std::uint64_t, AskReplier) override {}
  void RecvBounce(baton::Shmem, BounceReplier) override {}
  void RecvShow(baton::Shmem, ShowReplier) override {}
  baton::Result<void> RecvWord(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t) override {
    return {};
  }
  baton::Result<void> RecvPiece(std::vector<std::byte>) override { return {}; }
  void RecvCount(CountReplier) override {}
};

}  // namespace

Measured RoundTripAsleep() {
  ActorPair actors(Placement::kTwoCpus, ActorsWait::kAsleep);
  RingPair bare(Waiting::kEpoll);
  const auto [ours, yardstick] =
      MediansInTurn(kRounds, {[&] { actors.Volleys(1); }, [&] { bare.RoundTrip(kSmall); }});
  return {ours, yardstick};
}

Measured RoundTripSpinning() {
  ActorPair actors;
  RingPair bare(Waiting::kSpinInTurn);
  const auto [ours, yardstick] = MediansInTurn(kRounds, {[&] { actors.Volleys(kVolleys); },
                                                         [&] {
                                                           for (int i = 0; i < kVolleys; ++i)
                                                             bare.RoundTrip(kSmall);
                                                         }});
  return {ours / kVolleys, yardstick / kVolleys};
}

Measured QuestionSpinning() {
  ActorPair actors;
  RingPair bare(Waiting::kSpinInTurn);
  const auto [ours, yardstick] =
      MediansInTurn(kRounds, {[&] { actors.Ask(); }, [&] { bare.RoundTrip(kSmall); }});
  return {ours, yardstick};
}

Measured RoundTripOnOneCpu() {
  ActorPair actors(Placement::kOneCpu);
  RingPair bare(Waiting::kFutex, Placement::kOneCpu);
  const auto [ours, yardstick] =
      MediansInTurn(kRounds, {[&] { actors.Volleys(1); }, [&] { bare.RoundTrip(kSmall); }});
  return {ours, yardstick};
}

Measured RoundTripBesideFutex() {
  ActorPair actors(Placement::kTwoCpus, ActorsWait::kAsleep);
  RingPair bare(Waiting::kFutex);
  const auto [ours, yardstick] =
      MediansInTurn(kRounds, {[&] { actors.Volleys(1); }, [&] { bare.RoundTrip(kSmall); }});
  return {ours, yardstick};
}

Measured OneWayOf64Bytes() {
  const Rates rates = OneWayRates(kSmall);
  return {rates.ours, rates.ring};
}

Measured OneWayOf1KiB() {
  return BesideTheBetter(1024);
}

Measured OneWayOf16KiB() {
  return BesideTheBetter(std::size_t{16} << 10);
}

Measured OneWayOf64KiB() {
  return BesideTheBetter(std::size_t{64} << 10);
}

// Both ends, their rings and their heap, of channels that have spoken and are quiet. The yardstick
// is what the rings alone take.
Measured MemoryOfIdleChannel() {
  constexpr std::size_t kChannels = 50;
  boost::asio::io_context io(1);
  const std::size_t heap_before = mallinfo2().uordblks;
  std::vector<std::shared_ptr<QuietParent>> parents;
  for (std::size_t i = 0; i < kChannels; ++i) {
    auto ends = baton::CreateEndpoints<PBenchParent, PBenchChild>();
    BATON_CHECK(ends);
    parents.push_back(std::make_shared<QuietParent>());
    BATON_CHECK(std::move(ends->first).Bind(parents.back(), io.get_executor()));
    BATON_CHECK(std::move(ends->second).Bind(std::make_shared<QuietChild>(), io.get_executor()));
    bool answered = false;
    parents.back()->SendPing(std::vector<std::byte>(kSmall),
                             [&](boost::system::error_code error, std::vector<std::byte>) {
                               BATON_CHECK(!error);
                               answered = true;
                             });
    while (!answered) io.run_one();
  }
  io.restart();
  while (io.poll() > 0) {
  }
  const std::size_t rings = RingBytes() / kChannels;
  const std::size_t heap = (mallinfo2().uordblks - heap_before) / kChannels;
  for (const auto& parent : parents) parent->Close();
  io.restart();
  io.run();
  constexpr double kKiB = 1024;
  return {static_cast<double>(rings + heap) / kKiB, static_cast<double>(rings) / kKiB};
}

}  // namespace bench
