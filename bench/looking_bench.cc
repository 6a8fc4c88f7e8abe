// What it costs that somebody could look at messages, and what it costs when somebody does.
//
// A message of 64 bytes from one actor to another in the same thread, through the ring: sent, and
// its handler has run. The check stands twice on this way. What one of them costs is measured by
// more of them: `MessageWithChecks/64` makes 64 beside each message, as many loads and branches;
// the difference to `/0`, divided by 64, is one. (A loop of nothing but checks would measure a
// processor that has nothing else to do.)
#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <baton/base/check.h>
#include <baton/baton.h>
#include <baton/message_log.h>

#include "bench/placement.h"
#include "benchChild.h"
#include "benchParent.h"
#include "runtime/looking/looking.h"

namespace bench {
namespace {

constexpr int kBurst = 32;  // messages that are on the way at once

class Parent final : public PBenchParent {
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    return {};
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
};

class Child final : public PBenchChild {
 public:
  std::uint64_t words = 0;

 private:
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    return {};
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
  void RecvAsk(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
               std::uint64_t, std::uint64_t, std::uint64_t, AskReplier reply) override {
    reply(0);
  }
  baton::Result<void> RecvWord(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t) override {
    ++words;
    return {};
  }
  baton::Result<void> RecvPiece(std::vector<std::byte>) override { return {}; }
  void RecvCount(CountReplier reply) override { reply(words); }
  void RecvPing(std::vector<std::byte> payload, PingReplier reply) override {
    reply(std::move(payload));
  }
  void RecvBounce(baton::Shmem memory, BounceReplier reply) override { reply(std::move(memory)); }
  void RecvShow(baton::Shmem, ShowReplier) override {}
};

// Both ends in one thread.
class Within {
 public:
  Within() {
    PinToOurCpu();
    auto [here, there] = baton::CreateInProcessEndpoints<PBenchParent, PBenchChild>();
    BATON_CHECK(std::move(here).Bind(parent_, io_.get_executor()));
    BATON_CHECK(std::move(there).Bind(child_, io_.get_executor()));
  }
  ~Within() {
    parent_->Close();
    io_.run();
  }

  // `beside` runs beside each message.
  template <class F>
  void SendBurst(F beside) {
    const std::uint64_t until = child_->words + kBurst;
    for (int n = 0; n < kBurst; ++n) {
      BATON_CHECK(parent_->SendWord(1, 2, 3, 4, 5, 6, 7, 8));
      beside();
    }
    while (child_->words < until) io_.run_one();
  }

 private:
  boost::asio::io_context io_{1};
  std::shared_ptr<Parent> parent_ = std::make_shared<Parent>();
  std::shared_ptr<Child> child_ = std::make_shared<Child>();
};

inline void CheckOnce(std::size_t) {
  if (baton::internal::SomebodyLooks()) [[unlikely]]
    benchmark::ClobberMemory();
}

template <std::size_t... N>
void Check(std::index_sequence<N...>) {
  (CheckOnce(N), ...);
}

template <std::size_t kChecks>
void MessageWithChecks(benchmark::State& state) {
  Within within;
  for (auto _ : state) {
    within.SendBurst([] { Check(std::make_index_sequence<kChecks>()); });
  }
  state.SetItemsProcessed(state.iterations() * kBurst);
}
BENCHMARK_TEMPLATE(MessageWithChecks, 0)->Name("MessageWithChecks/0");
BENCHMARK_TEMPLATE(MessageWithChecks, 64)->Name("MessageWithChecks/64");

void MessageWithLog(benchmark::State& state) {
  std::size_t bytes = 0;
  const auto take = [&](std::string_view line) { bytes += line.size(); };
  BATON_CHECK(baton::SetMessageLog("PBench:Word", take));
  {
    Within within;
    for (auto _ : state) within.SendBurst([] {});
  }
  BATON_CHECK(baton::SetMessageLog("", nullptr));
  state.SetItemsProcessed(state.iterations() * kBurst);
  benchmark::DoNotOptimize(bytes);
}
BENCHMARK(MessageWithLog);

// All patterns are compared with each message, and none fits.
void MessageWithLogOfOthers(benchmark::State& state) {
  BATON_CHECK(baton::SetMessageLog("POther", [](std::string_view) {}));
  {
    Within within;
    for (auto _ : state) within.SendBurst([] {});
  }
  BATON_CHECK(baton::SetMessageLog("", nullptr));
  state.SetItemsProcessed(state.iterations() * kBurst);
}
BENCHMARK(MessageWithLogOfOthers);

}  // namespace
}  // namespace bench
