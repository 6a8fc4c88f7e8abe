// What it costs to hand memory over with the sender's access revoked, beside a bare memcpy of the
// same bytes and a bare socket round trip. The enforcement by itself is in revoke_bench.cc.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <vector>

#include "bench/two_processes.h"

namespace bench {
namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

void Sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {64 * kKiB, kMiB, 8 * kMiB, 32 * kMiB}) benchmark->Arg(size);
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}

baton::Shmem Filled(ActorPair& pair, std::int64_t size) {
  auto memory = pair.actor().AllocShmem(static_cast<std::uint64_t>(size));
  BATON_CHECK(memory);
  std::memset(memory->bytes().data(), 1, memory->size());
  return std::move(*memory);
}

// There and back: two hand-overs, enforced on both sides, in two messages.
void BounceBetweenProcesses(benchmark::State& state) {
  ActorPair pair;
  baton::Shmem memory = Filled(pair, state.range(0));
  for (auto _ : state) memory = pair.Bounce(std::move(memory));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(BounceBetweenProcesses)->Apply(Sizes);

// The same with every page touched by this side before it leaves, as a producer would.
void FillAndBounce(benchmark::State& state) {
  ActorPair pair;
  baton::Shmem memory = Filled(pair, state.range(0));
  for (auto _ : state) {
    std::memset(memory.bytes().data(), 2, memory.size());
    memory = pair.Bounce(std::move(memory));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(FillAndBounce)->Apply(Sizes);

void BareMemcpy(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::byte> from(size, std::byte{1});
  std::vector<std::byte> to(size);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), size);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BareMemcpy)->Apply(Sizes);

// A message of 64 bytes and its answer, both sides asleep in between.
void PingBetweenProcesses(benchmark::State& state) {
  ActorPair pair;
  const std::vector<std::byte> payload(64, std::byte{1});
  for (auto _ : state) pair.Ping(payload);
}
BENCHMARK(PingBetweenProcesses)->UseRealTime()->Unit(benchmark::kMicrosecond);

void BareSocketRoundTrip(benchmark::State& state) {
  SocketPair pair;
  for (auto _ : state) pair.RoundTrip(64);
}
BENCHMARK(BareSocketRoundTrip)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bench
