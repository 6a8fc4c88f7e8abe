// What one io_context's other users notice of a child that floods it: a second child that answers
// questions, and a handler of the user's own that posts itself again and again.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/base/check.h>
#include <baton/baton.h>

#include "bench/placement.h"
#include "benchParent.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

class Parent final : public PBenchParent {
 public:
  std::uint64_t volleys = 0;

 private:
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    ++volleys;
    return {};
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
};

struct Child {
  Child(const std::string& role, boost::asio::io_context& io) {
    auto launched = baton::Launch<PBenchParent>(ChildThat(role, Placement::kTwoCpus));
    BATON_CHECK(launched);
    process = std::move(launched->process);
    BATON_CHECK(std::move(launched->endpoint).Bind(parent, io.get_executor()));
  }

  std::shared_ptr<Parent> parent = std::make_shared<Parent>();
  baton::Process process;
};

// In microseconds.
class Times {
 public:
  void Add(Clock::duration time) {
    times_.push_back(std::chrono::duration<double, std::micro>(time).count());
  }
  double Percentile(double part) {
    const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(times_.size() - 1) * part);
    std::nth_element(times_.begin(), times_.begin() + at, times_.end());
    return times_[static_cast<std::size_t>(at)];
  }

 private:
  std::vector<double> times_;
};

// How long a handler waits for its turn.
void PostAgain(boost::asio::io_context& io, Times& waits, const bool& stop) {
  boost::asio::post(io, [&io, &waits, &stop, posted = Clock::now()] {
    waits.Add(Clock::now() - posted);
    if (!stop) PostAgain(io, waits, stop);
  });
}

void BesideAFlood(benchmark::State& state) {
  PinToOurCpu();
  boost::asio::io_context io(1);
  Child victim("actor", io);
  std::optional<Child> flooder;
  if (state.range(0) != 0) flooder.emplace("flood", io);
  while (flooder && flooder->parent->volleys == 0) io.run_one();
  Times answers;
  Times waits;
  bool stop = false;
  PostAgain(io, waits, stop);
  const std::uint64_t before = flooder ? flooder->parent->volleys : 0;
  for (auto _ : state) {
    const auto asked = Clock::now();
    bool answered = false;
    victim.parent->SendAsk(1, 2, 3, 4, 5, 6, 7, 8,
                           [&](boost::system::error_code error, std::uint64_t) {
                             BATON_CHECK(!error);
                             answered = true;
                           });
    while (!answered) io.run_one();
    answers.Add(Clock::now() - asked);
  }
  state.counters["answer_p50_us"] = answers.Percentile(0.5);
  state.counters["answer_p99_us"] = answers.Percentile(0.99);
  state.counters["handler_p50_us"] = waits.Percentile(0.5);
  state.counters["handler_p99_us"] = waits.Percentile(0.99);
  if (flooder) {
    const auto flood = static_cast<double>(flooder->parent->volleys - before);
    state.counters["flood"] = benchmark::Counter(flood, benchmark::Counter::kIsRate);
    flooder->parent->Close();
  }
  stop = true;
  victim.parent->Close();
  io.run();
}
BENCHMARK(BesideAFlood)->ArgName("flood")->Arg(0)->Arg(1)->Iterations(20'000)->UseRealTime();

}  // namespace
}  // namespace bench
