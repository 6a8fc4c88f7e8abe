// One thread plays both sides of a ring. Random operations: ring_model_test.cc; what a hostile side
// may write: ring_hostile_test.cc; two threads: ring_threads_test.cc.
#include "runtime/channel/ring.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using baton::testing::Must;

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
    const auto payload = reader.Take(lane);
    const auto expected = RingPayload(sequence, length);
    CHECK(testing::HoldSame(payload, expected));
    CHECK(reinterpret_cast<std::uintptr_t>(payload.data()) % 8 == 0);
  }

  void Drain(Lane lane) {
    while (Must(reader.Head(lane)) != nullptr) static_cast<void>(reader.Take(lane));
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

TEST_CASE("a record may begin at every offset and run over the end of its ring") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  // Records of an odd number of words: step by step they begin at every word.
  const std::size_t length = GENERATE(0, 9, 57, 64, 4096, 16384);
  CAPTURE(lane, length);
  if (lane == Lane::kControl && length > kMaxControlRingPayload) return;
  Ring ring;
  const std::size_t words = ring.memory.ring(lane).size() / 8;
  for (std::uint64_t sequence = 0; sequence < words + 1; ++sequence) {
    REQUIRE(ring.Append(lane, length));
    static_cast<void>(ring.writer.Publish());
    ring.Expect(lane, sequence, length);
    CHECK_FALSE(ring.reader.Release());
  }
  CHECK(ring.IsEmpty(lane));
}

TEST_CASE("padding is zero, whatever lay there") {
  Ring ring;
  const auto bytes = ring.memory.ring(Lane::kData);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  const std::size_t length = GENERATE(1, 7, 8, 9, 100);
  CAPTURE(length);
  CHECK(ring.Append(Lane::kData, length));
  const std::size_t end = (40 + length + 7) / 8 * 8;
  const auto padding = bytes.subspan(40 + length, end - 40 - length);
  CHECK(std::count(padding.begin(), padding.end(), std::byte{0}) ==
        static_cast<std::ptrdiff_t>(padding.size()));
  CHECK(bytes[end] == std::byte{0xff});
}

TEST_CASE("a ring takes what fits to the last byte, and changes nothing when it is full") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  Ring ring;
  const std::size_t capacity = ring.memory.ring(lane).size();
  const int count = ring.Fill(lane, 64 - 40);
  CHECK(count == static_cast<int>(capacity / 64));
  const std::vector<std::byte> before(ring.memory.ring(lane).begin(), ring.memory.ring(lane).end());
  CHECK_FALSE(ring.Append(lane, 0));
  CHECK_FALSE(ring.writer.Publish());
  CHECK(testing::HoldSame(before, ring.memory.ring(lane)));

  ring.Expect(lane, 0, 24);
  CHECK_FALSE(ring.Append(lane, 24));  // not released yet
  CHECK_FALSE(ring.reader.Release());  // nobody asked for room
  CHECK(ring.Append(lane, 24));
  CHECK_FALSE(ring.Append(lane, 24));
  static_cast<void>(ring.writer.Publish());
  for (int i = 1; i <= count; ++i) ring.Expect(lane, static_cast<std::uint64_t>(i), 24);
  CHECK(ring.IsEmpty(lane));
}

TEST_CASE("a full data lane leaves the control lane alone") {
  Ring ring;
  const int count = ring.Fill(Lane::kData, 16384);
  CHECK(count == 3);
  CHECK(ring.Append(Lane::kControl, 4096));
  static_cast<void>(ring.writer.Publish());
  ring.Expect(Lane::kControl, static_cast<std::uint64_t>(count), 4096);
  ring.Expect(Lane::kData, 0, 16384);
}

TEST_CASE("a header stays where it is until its frame is taken") {
  Ring ring;
  CHECK(ring.Append(Lane::kData, 10));
  CHECK(ring.Append(Lane::kControl, 20));
  static_cast<void>(ring.writer.Publish());
  const FrameHeader* const data = Must(ring.reader.Head(Lane::kData));
  CHECK(Must(ring.reader.Head(Lane::kData)) == data);
  CHECK(Must(ring.reader.Head(Lane::kControl)) != data);
  CHECK(data->sequence == 0);
}

TEST_CASE("a reader's doorbell rings once, and only while it sleeps") {
  Ring ring;
  SECTION("it counts as asleep until the first news") {
    CHECK_FALSE(ring.writer.Publish());  // nothing to look at
    CHECK(ring.Append(Lane::kData, 1));
    CHECK(ring.writer.Publish());
    CHECK(ring.Append(Lane::kData, 1));
    CHECK_FALSE(ring.writer.Publish());
  }
  SECTION("awake: not") {
    ring.reader.Wake();
    CHECK(ring.Append(Lane::kControl, 1));
    CHECK_FALSE(ring.writer.Publish());
  }
  SECTION("asleep: once, for either lane") {
    const Lane lane = GENERATE(Lane::kControl, Lane::kData);
    CHECK(Must(ring.reader.Sleep()));
    CHECK(ring.Append(lane, 1));
    CHECK(ring.writer.Publish());
    CHECK_FALSE(ring.writer.Publish());
    CHECK(ring.Append(lane, 1));
    CHECK_FALSE(ring.writer.Publish());
  }
  SECTION("asleep again: once more") {
    for (int i = 0; i < 3; ++i) {
      CHECK(Must(ring.reader.Sleep()));
      CHECK(ring.Append(Lane::kData, 1));
      CHECK(ring.writer.Publish());
      ring.Drain(Lane::kData);
    }
  }
  SECTION("woken by something else: not") {
    CHECK(Must(ring.reader.Sleep()));
    ring.reader.Wake();
    CHECK(ring.Append(Lane::kData, 1));
    CHECK_FALSE(ring.writer.Publish());
  }
}

TEST_CASE("a reader does not fall asleep over frames that it has not taken") {
  Ring ring;
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  const bool has_looked = GENERATE(false, true);
  CAPTURE(lane, has_looked);
  CHECK(ring.Append(lane, 1));
  static_cast<void>(ring.writer.Publish());
  if (has_looked) CHECK_FALSE(ring.IsEmpty(lane));
  CHECK_FALSE(Must(ring.reader.Sleep()));
  ring.reader.Wake();
  CHECK(ring.Append(lane, 1));
  CHECK_FALSE(ring.writer.Publish());  // awake
  ring.Drain(lane);
  CHECK(Must(ring.reader.Sleep()));
}

TEST_CASE("a writer that waits for room is called once, when half of the lane is free") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  Ring ring;
  const int count = ring.Fill(lane, 64 - 40);
  CHECK(Must(ring.writer.AskForRoom(lane)));
  for (int taken = 1; taken <= count; ++taken) {
    ring.Expect(lane, static_cast<std::uint64_t>(taken) - 1, 24);
    REQUIRE(ring.reader.Release() == (taken == count / 2));
  }
}

TEST_CASE("a writer that has room already need not wait") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  Ring ring;
  const int count = ring.Fill(lane, 64 - 40);
  for (int i = 0; i < count / 2; ++i) ring.Expect(lane, static_cast<std::uint64_t>(i), 24);
  CHECK_FALSE(ring.reader.Release());
  CHECK_FALSE(Must(ring.writer.AskForRoom(lane)));
  ring.Drain(lane);
  CHECK_FALSE(ring.reader.Release());  // asked for nothing
}

TEST_CASE("room in one lane wakes nobody who waits for the other") {
  Ring ring;
  const int count = ring.Fill(Lane::kControl, 24);
  CHECK(ring.Fill(Lane::kData, 24) > count);
  CHECK(Must(ring.writer.AskForRoom(Lane::kData)));
  ring.Drain(Lane::kControl);
  CHECK_FALSE(ring.reader.Release());
  ring.Drain(Lane::kData);
  CHECK(ring.reader.Release());
}

}  // namespace
}  // namespace baton::internal
