// Filling and copying shared memory past the caches, beside memset and memcpy, at sizes around the
// break-even of platform/streaming_stores.h. `read` 1: everything is read once behind it, as its
// receiver would.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/shared_memory.h>
#include <baton/platform/streaming_stores.h>

#include "bench/placement.h"

namespace bench {
namespace {

using baton::platform::Mapping;
using baton::platform::SharedMemory;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"bytes", "read"});
  for (const std::int64_t read : {0, 1}) {
    for (const std::int64_t size : {64 * kKiB, kMiB, 4 * kMiB, 8 * kMiB, 16 * kMiB, 32 * kMiB}) {
      benchmark->Args({size, read});
    }
  }
  benchmark->Unit(benchmark::kMicrosecond);
}

Mapping MapNew(std::size_t size) {
  auto memory = SharedMemory::Create("bench", size);
  BATON_CHECK(memory);
  auto mapping = memory->Map();
  BATON_CHECK(mapping);
  std::memset(mapping->bytes().data(), 1, size);
  return *std::move(mapping);
}

std::uint64_t ReadAll(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(sum)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    sum += word;
  }
  return sum;
}

// `write(to, from)`, again and again.
template <class Write>
void Run(benchmark::State& state, Write write) {
  PinToOurCpu();
  const auto size = static_cast<std::size_t>(state.range(0));
  const Mapping to = MapNew(size);
  const std::vector<std::byte> from(size, std::byte{2});
  for (auto _ : state) {
    write(to.bytes(), std::span(from));
    if (state.range(1) != 0) benchmark::DoNotOptimize(ReadAll(to.bytes()));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void StreamFill(benchmark::State& state) {
  Run(state, [](auto to, auto) { baton::platform::StreamFillAlways(to, std::byte{3}); });
}
BENCHMARK(StreamFill)->Apply(Sizes);

void StreamBesideMemset(benchmark::State& state) {
  Run(state, [](auto to, auto) { std::memset(to.data(), 3, to.size()); });
}
BENCHMARK(StreamBesideMemset)->Apply(Sizes);

void StreamCopy(benchmark::State& state) {
  Run(state, [](auto to, auto from) { baton::platform::StreamCopyAlways(to, from); });
}
BENCHMARK(StreamCopy)->Apply(Sizes);

void StreamBesideMemcpy(benchmark::State& state) {
  Run(state, [](auto to, auto from) { std::memcpy(to.data(), from.data(), to.size()); });
}
BENCHMARK(StreamBesideMemcpy)->Apply(Sizes);

}  // namespace
}  // namespace bench
