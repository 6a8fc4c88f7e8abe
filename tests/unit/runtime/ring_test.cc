// One thread plays both sides of a ring. Two threads: ring_threads_test.cc; what a hostile side may
// write: ring_hostile_test.cc.
#include "runtime/channel/ring.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using baton::testing::Must;

constexpr Lane kLanes[] = {Lane::kControl, Lane::kData};

// Both sides in one, so that a test says what happens and not how.
struct Ring {
  RingMemory memory;
  RingWriter writer{memory.bytes()};
  RingReader reader{memory.bytes()};
  std::uint64_t next_sequence = 0;

  bool Append(Lane lane, std::size_t length) {
    const auto payload = RingPayload(next_sequence, length);
    const auto header = RingHeader(lane, next_sequence, length);
    if (!Must(writer.Append(lane, header, payload))) return false;
    ++next_sequence;
    return true;
  }

  // Appends until there is no room; how many it were.
  int Fill(Lane lane, std::size_t length) {
    int count = 0;
    while (Append(lane, length)) ++count;
    static_cast<void>(writer.Publish());
    return count;
  }

  bool IsEmpty(Lane lane) { return Must(reader.Head(lane)) == nullptr; }

  // Takes the oldest frame and insists that it is this one.
  void Expect(Lane lane, std::uint64_t sequence, std::size_t length) {
    const FrameHeader* const head = Must(reader.Head(lane));
    REQUIRE(head != nullptr);
    CHECK(head->lane == lane);
    CHECK(head->sequence == sequence);
    REQUIRE(head->length == length);
    const auto payload = Must(reader.Take(lane));
    const auto expected = RingPayload(sequence, length);
    CHECK(std::equal(payload.begin(), payload.end(), expected.begin(), expected.end()));
    CHECK(reinterpret_cast<std::uintptr_t>(payload.data()) % 8 == 0);
  }

  void Drain(Lane lane) {
    while (Must(reader.Head(lane)) != nullptr) static_cast<void>(Must(reader.Take(lane)));
  }
};

TEST_CASE("a ring's memory is the words, the control ring and a power of two") {
  constexpr std::size_t kFixed = 4096 + 16384;
  CHECK(RingMemorySize(0) == kFixed + 65536);
  CHECK(RingMemorySize(65536) == kFixed + 65536);
  CHECK(RingMemorySize(65537) == kFixed + 131072);
  CHECK(RingMemorySize(~std::size_t{0}) == kFixed + (std::size_t{16} << 20));
  CHECK(IsRingMemorySize(kFixed + 65536));
  CHECK(IsRingMemorySize(kFixed + (std::size_t{16} << 20)));
  CHECK_FALSE(IsRingMemorySize(0));
  CHECK_FALSE(IsRingMemorySize(kFixed));
  CHECK_FALSE(IsRingMemorySize(kFixed + 32768));
  CHECK_FALSE(IsRingMemorySize(kFixed + 65536 + 4096));
  CHECK_FALSE(IsRingMemorySize(kFixed + (std::size_t{32} << 20)));
  CHECK_FALSE(IsRingMemorySize(~std::size_t{0}));
}

TEST_CASE("what is appended is seen after it was published, lane by lane") {
  Ring ring;
  CHECK(ring.Append(Lane::kData, 100));
  CHECK(ring.Append(Lane::kControl, 5));
  CHECK(ring.IsEmpty(Lane::kData));
  CHECK(ring.IsEmpty(Lane::kControl));
  CHECK(ring.writer.Publish());
  ring.Expect(Lane::kControl, 1, 5);
  ring.Expect(Lane::kData, 0, 100);
  CHECK(ring.IsEmpty(Lane::kData));
  CHECK(ring.IsEmpty(Lane::kControl));
}

}  // namespace
}  // namespace baton::internal
