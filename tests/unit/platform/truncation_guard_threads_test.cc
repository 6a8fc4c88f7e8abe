// Memory that is shrunk while threads read, write, map and unmap.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <thread>
#include <vector>

#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::Guarded;
using baton::testing::Must;

constexpr std::uint64_t kSize = 256 << 10;

SharedMemory NewMemory(std::uint64_t size = kSize) {
  return Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "threads", size));
}

// Until all of it reads as zeros; what is read at the same time as it is covered is either.
void ReadUntilGone(const Mapping& mapping, std::atomic<int>& readers) {
  ++readers;
  std::vector<std::byte> copy(mapping.bytes().size());
  while (!mapping.is_damaged()) {
    for (std::size_t at = 0; at < copy.size(); at += sizeof(std::uint64_t)) {
      const auto* const word = reinterpret_cast<std::uint64_t*>(mapping.bytes().data() + at);
      const std::uint64_t read = std::atomic_ref(*const_cast<std::uint64_t*>(word)).load();
      std::memcpy(copy.data() + at, &read, sizeof(read));
    }
  }
}

TEST_CASE("Memory is shrunk while two threads read it, through one mapping and through two") {
  const Guarded guarded;
  for (int round = 0; round < 20; ++round) {
    const SharedMemory memory = NewMemory();
    const Mapping one = Must(memory.Map());
    const Mapping other = Must(memory.Map());
    const bool same = round % 2 == 0;
    std::atomic<int> readers{0};
    std::thread first([&] { ReadUntilGone(one, readers); });
    std::thread second([&] { ReadUntilGone(same ? one : other, readers); });
    while (readers < 2) std::this_thread::yield();
    REQUIRE(::ftruncate(memory.handle().get(), 0) == 0);
    first.join();
    second.join();
    CHECK(one.is_damaged());
    CHECK(other.is_damaged() == !same);
    CHECK(one.bytes()[kSize - 1] == std::byte{0});
  }
}

TEST_CASE("Pieces come and go while others are shrunk and read") {
  const Guarded guarded;
  std::atomic<bool> is_over{false};
  std::atomic<int> spoilt{0};
  std::thread comes_and_goes([&] {
    while (!is_over) {
      const SharedMemory memory = NewMemory(4096);
      const Mapping mapping = Must(memory.Map());
      std::ranges::fill(mapping.bytes(), std::byte{1});
      const bool is_whole = std::ranges::count(mapping.bytes(), std::byte{1}) == 4096;
      if (!is_whole || mapping.is_damaged()) ++spoilt;
    }
  });
  for (int round = 0; round < 300; ++round) {
    const SharedMemory memory = NewMemory(8192);
    const Mapping mapping = Must(memory.Map());
    const bool was_shrunk = ::ftruncate(memory.handle().get(), 0) == 0;
    const bool is_covered = mapping.bytes()[8191] == std::byte{0} && mapping.is_damaged();
    if (!was_shrunk || !is_covered) ++spoilt;
  }
  is_over = true;
  comes_and_goes.join();
  CHECK(spoilt == 0);
}

}  // namespace
}  // namespace baton::platform
