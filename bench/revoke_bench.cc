// What it costs to take this process's access to memory away and to give it back, which is what a
// hand-over costs beside its message: moved, in place, and, to compare with, by plain mprotect of a
// plain mapping. Quiet, and with another thread of the process that is busy on another CPU.
#include <benchmark/benchmark.h>

#include <sys/mman.h>

#include <cstring>
#include <optional>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/memory_capabilities.h>
#include <baton/platform/shared_memory.h>

#include "bench/busy_thread.h"
#include "bench/placement.h"

namespace bench {
namespace {

using baton::platform::MapOptions;
using baton::platform::Revocation;
using baton::platform::RevocationWay;
using baton::platform::SharedMemory;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

// Shown above the figures.
[[maybe_unused]] const bool says_capabilities = [] {
  benchmark::AddCustomContext("shared memory", ToString(baton::platform::FindMemoryCapabilities()));
  return true;
}();

void SizesAndThreads(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"bytes", "busy"});
  for (const std::int64_t busy : {0, 1}) {
    for (const std::int64_t size :
         {64 * kKiB, 128 * kKiB, 256 * kKiB, 512 * kKiB, kMiB, 8 * kMiB, 32 * kMiB}) {
      benchmark->Args({size, busy});
    }
  }
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}

SharedMemory MemoryOf(const benchmark::State& state) {
  auto memory = SharedMemory::Create("bench", static_cast<std::uint64_t>(state.range(0)));
  BATON_CHECK(memory);
  return *std::move(memory);
}

// One turn: taken away, given back, and written to once.
void RevokeAndGrant(benchmark::State& state, const MapOptions& options) {
  PinToOurCpu();
  const SharedMemory memory = MemoryOf(state);
  auto mapping = memory.Map(options);
  BATON_CHECK(mapping);
  std::memset(mapping->bytes().data(), 1, mapping->bytes().size());
  std::optional<BusyThread> busy;
  if (state.range(1) != 0) busy.emplace();
  for (auto _ : state) {
    BATON_CHECK(mapping->Revoke());
    BATON_CHECK(mapping->Grant());
    mapping->bytes().front() = std::byte{1};
  }
}

void RevokeBySize(benchmark::State& state) {
  RevokeAndGrant(state, {});
}
BENCHMARK(RevokeBySize)->Apply(SizesAndThreads);

void RevokeMoved(benchmark::State& state) {
  RevokeAndGrant(state, {.way = RevocationWay::kMoved});
}
BENCHMARK(RevokeMoved)->Apply(SizesAndThreads);

void RevokeUnmapped(benchmark::State& state) {
  RevokeAndGrant(state, {.revocation = Revocation::kUnmap});
}
BENCHMARK(RevokeUnmapped)->Apply(SizesAndThreads);

void RevokeBareMprotect(benchmark::State& state) {
  PinToOurCpu();
  const SharedMemory memory = MemoryOf(state);
  const std::size_t size = memory.size();
  void* const mapped =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.handle().get(), 0);
  BATON_CHECK(mapped != MAP_FAILED);
  std::memset(mapped, 1, size);
  std::optional<BusyThread> busy;
  if (state.range(1) != 0) busy.emplace();
  for (auto _ : state) {
    BATON_CHECK(mprotect(mapped, size, PROT_NONE) == 0);
    BATON_CHECK(mprotect(mapped, size, PROT_READ | PROT_WRITE) == 0);
    *static_cast<volatile char*>(mapped) = 1;
  }
  munmap(mapped, size);
}
BENCHMARK(RevokeBareMprotect)->Apply(SizesAndThreads);

// What giving the bytes away instead of the memory would cost.
void RevokeBesideMemcpy(benchmark::State& state) {
  PinToOurCpu();
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::byte> from(size, std::byte{1});
  std::vector<std::byte> to(size);
  std::optional<BusyThread> busy;
  if (state.range(1) != 0) busy.emplace();
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), size);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(RevokeBesideMemcpy)->Apply(SizesAndThreads);

}  // namespace
}  // namespace bench
