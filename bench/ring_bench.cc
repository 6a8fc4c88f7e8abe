// The ring: what a frame costs to append and to take, in one thread, so without the processors'
// traffic between two caches. Beside memcpy of the same bytes, in and out.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstring>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

#include "runtime/channel/ring.h"

namespace {

namespace internal = baton::internal;
using internal::Lane;

constexpr int kBatch = 3;  // so many of the largest fit into the smallest ring

internal::FrameHeader Header(std::size_t length) {
  internal::FrameHeader header;
  header.lane = Lane::kData;
  header.message = 1;
  header.length = static_cast<std::uint32_t>(length);
  return header;
}

class Ring {
 public:
  bool Append(const internal::FrameHeader& header, const std::vector<std::byte>& payload) {
    const auto appended = writer_.Append(Lane::kData, header, payload);
    return appended && *appended;
  }

  bool Publish() { return writer_.Publish(); }

  bool Take() {
    const auto head = reader_.Head(Lane::kData);
    if (!head || *head == nullptr) return false;
    const auto payload = reader_.CopyOut(reader_.Take(Lane::kData));
    benchmark::DoNotOptimize(payload.data());
    return true;
  }

  bool Release() { return reader_.Release(); }

 private:
  std::vector<std::byte, boost::alignment::aligned_allocator<std::byte, internal::kRingAlignment>>
      memory_ = decltype(memory_)(internal::RingMemorySize(0));
  internal::RingWriter writer_{memory_};
  internal::RingReader reader_{memory_};
};

// Each frame by itself: shown, taken, and its room given back.
void AppendAndTake(benchmark::State& state) {
  Ring ring;
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)));
  const auto header = Header(payload.size());
  for (auto _ : state) {
    if (!ring.Append(header, payload)) return state.SkipWithError("full");
    benchmark::DoNotOptimize(ring.Publish());
    if (!ring.Take()) return state.SkipWithError("empty");
    benchmark::DoNotOptimize(ring.Release());
  }
}
BENCHMARK(AppendAndTake)->Name("Ring/AppendAndTake")->Arg(64)->Arg(100)->Arg(1024)->Arg(16384);

// A batch at once; the time is that of one frame.
void AppendAndTakeBatch(benchmark::State& state) {
  Ring ring;
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)));
  const auto header = Header(payload.size());
  while (state.KeepRunningBatch(kBatch)) {
    for (int i = 0; i < kBatch; ++i) {
      if (!ring.Append(header, payload)) return state.SkipWithError("full");
    }
    benchmark::DoNotOptimize(ring.Publish());
    for (int i = 0; i < kBatch; ++i) {
      if (!ring.Take()) return state.SkipWithError("empty");
    }
    benchmark::DoNotOptimize(ring.Release());
  }
}
BENCHMARK(AppendAndTakeBatch)->Name("Ring/AppendAndTakeBatch")->Arg(64)->Arg(1024)->Arg(16384);

void LookAtEmpty(benchmark::State& state) {
  Ring ring;
  for (auto _ : state) benchmark::DoNotOptimize(ring.Take());
}
BENCHMARK(LookAtEmpty)->Name("Ring/LookAtEmpty");

void CopyInAndOut(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::byte> from(size);
  std::vector<std::byte> between(size);
  std::vector<std::byte> to(size);
  for (auto _ : state) {
    std::memcpy(between.data(), from.data(), size);
    benchmark::DoNotOptimize(between.data());
    benchmark::ClobberMemory();
    std::memcpy(to.data(), between.data(), size);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(CopyInAndOut)->Name("Ring/CopyInAndOut")->Arg(64)->Arg(1024)->Arg(16384);

}  // namespace
