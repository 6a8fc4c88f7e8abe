// The yardsticks by themselves: what this machine lets two processes have.
#include "bench/yardsticks.h"

#include <benchmark/benchmark.h>

namespace bench {
namespace {

constexpr std::size_t kSmall = 64;

void RingRoundTrip(benchmark::State& state, Waiting waiting, Placement placement) {
  RingPair pair(waiting, placement);
  for (auto _ : state) pair.RoundTrip(kSmall);
}
BENCHMARK_CAPTURE(RingRoundTrip, spin, Waiting::kSpinInTurn, Placement::kTwoCpus)->UseRealTime();
BENCHMARK_CAPTURE(RingRoundTrip, futex, Waiting::kFutex, Placement::kTwoCpus)->UseRealTime();
BENCHMARK_CAPTURE(RingRoundTrip, epoll, Waiting::kEpoll, Placement::kTwoCpus)->UseRealTime();
BENCHMARK_CAPTURE(RingRoundTrip, spin_one_cpu, Waiting::kSpinInTurn, Placement::kOneCpu)
    ->UseRealTime();
BENCHMARK_CAPTURE(RingRoundTrip, futex_one_cpu, Waiting::kFutex, Placement::kOneCpu)->UseRealTime();
BENCHMARK_CAPTURE(RingRoundTrip, epoll_one_cpu, Waiting::kEpoll, Placement::kOneCpu)->UseRealTime();

void StreamRoundTrip(benchmark::State& state, Placement placement) {
  StreamPair pair(placement);
  for (auto _ : state) pair.RoundTrip(kSmall);
}
BENCHMARK_CAPTURE(StreamRoundTrip, two_cpus, Placement::kTwoCpus)->UseRealTime();
BENCHMARK_CAPTURE(StreamRoundTrip, one_cpu, Placement::kOneCpu)->UseRealTime();

// items_per_second is what counts here.
template <class Pair>
void OneWay(benchmark::State& state, Pair& pair) {
  constexpr int kBatch = 1000;
  for (auto _ : state) pair.OneWay(kBatch, static_cast<std::size_t>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * kBatch);
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {64, 1024, 16 * 1024, 64 * 1024}) benchmark->Arg(size);
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}

void RingOneWay(benchmark::State& state, Waiting waiting) {
  RingPair pair(waiting);
  OneWay(state, pair);
}
BENCHMARK_CAPTURE(RingOneWay, spin, Waiting::kSpinInTurn)->Apply(Sizes);
BENCHMARK_CAPTURE(RingOneWay, futex, Waiting::kFutex)->Apply(Sizes);
BENCHMARK_CAPTURE(RingOneWay, epoll, Waiting::kEpoll)->Apply(Sizes);

void StreamOneWay(benchmark::State& state) {
  StreamPair pair;
  OneWay(state, pair);
}
BENCHMARK(StreamOneWay)->Apply(Sizes);

}  // namespace
}  // namespace bench
