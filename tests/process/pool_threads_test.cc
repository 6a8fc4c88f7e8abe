// Memory that is freed on many threads while the channel gives it out again.
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

TEST_CASE("pool: pieces freed on other threads are used again, and nobody holds one twice") {
  constexpr int kRounds = 300;
  constexpr std::size_t kAtOnce = 4;
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  int rounds = 0;
  std::vector<Shmem> back;
  std::function<void()> hand_over = [&] {
    std::set<ShmemId> held;
    for (std::size_t piece = 0; piece < kAtOnce; ++piece) {
      Shmem memory = Must(parent->AllocShmem(5000));
      held.insert(memory.id());
      parent->SendFill(std::move(memory), 1, [&](error_code error, Shmem filled) {
        CHECK_FALSE(error);
        back.push_back(std::move(filled));
        if (back.size() < kAtOnce) return;
        std::vector<std::thread> threads;
        for (Shmem& one : back) threads.emplace_back([dies_here = std::move(one)] {});
        if (++rounds == kRounds) {
          parent->Close();
        } else {
          boost::asio::post(io, hand_over);
        }
        for (auto& thread : threads) thread.join();
        back.clear();
      });
    }
    CHECK(held.size() == kAtOnce);
  };
  hand_over();
  io.run();
  CHECK(rounds == kRounds);
  const ChannelStatistics statistics = parent->statistics();
  CHECK(statistics.handles_sent == kAtOnce);
  CHECK(statistics.pool_hits == (kRounds - 1) * kAtOnce);
}

TEST_CASE("pool: freed there on other threads, it comes home") {
  constexpr int kRounds = 300;
  const Path path = EachPath();
  const Guarded guarded;
  struct FreesElsewhere : EchoChild {
    Result<void> RecvKeep(Shmem memory) override {
      std::thread([dies_here = std::move(memory)] {}).join();
      return SendCounted(1);
    }
  };
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<FreesElsewhere>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  const auto hand_over = [&] { Must(parent->SendKeep(Must(parent->AllocShmem(5000)))); };
  parent->on_counted = [&] { parent->counted.size() == kRounds ? parent->Close() : hand_over(); };
  hand_over();
  io.run();
  CHECK(parent->counted.size() == kRounds);
  CHECK(parent->statistics().pool_hits > kRounds / 2);
  CHECK(parent->statistics().handles_sent + parent->statistics().pool_hits == kRounds);
}

}  // namespace
}  // namespace baton::testing
