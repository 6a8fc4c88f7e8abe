#include "runtime/channel/backlog.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <vector>

#include <baton/platform/frozen_memory.h>

#include "tests/support/guarded.h"
#include "tests/support/must.h"

namespace baton::internal {
namespace {

using testing::Guarded;
using testing::Must;

constexpr Backlog::Limits kLimits = {.bytes = 1000, .frames = 8, .handles = 4};

Frame FrameOf(std::uint64_t sequence, std::span<const std::byte> payload = {}) {
  Frame frame;
  frame.header.lane = Lane::kData;
  frame.header.sequence = sequence;
  frame.header.message = sequence % 2 == 0 ? 20 : 10;
  frame.payload = payload;
  frame.may_change = true;
  return frame;
}

platform::Handle NewHandle() {
  static constexpr std::array kBytes = {std::byte{1}, std::byte{2}};
  return Must(platform::CreateFrozenMemory("baton:test", kBytes));
}

void Push(Backlog& backlog, Frame frame) {
  backlog.Push(HeldFrame(std::move(frame)));
}

std::uint64_t SequenceOf(const std::optional<HeldFrame>& held) {
  return held ? held->header().sequence : 0;
}

TEST_CASE("a backlog gives back frames in the order in which they came") {
  Backlog backlog(kLimits);
  for (const std::uint64_t sequence : {1, 2, 3}) Push(backlog, FrameOf(sequence));
  CHECK(backlog.frames() == 3);
  CHECK(SequenceOf(backlog.PopFirst()) == 1);
  CHECK(SequenceOf(backlog.PopFirst()) == 2);
  CHECK(SequenceOf(backlog.PopFirst()) == 3);
  CHECK(backlog.empty());
  CHECK_FALSE(backlog.PopFirst());
}

TEST_CASE("a backlog gives back the first frame that somebody asks for") {
  Backlog backlog(kLimits);
  for (const std::uint64_t sequence : {1, 2, 3, 4}) Push(backlog, FrameOf(sequence));
  const auto is_of_20 = [](const FrameHeader& header) { return header.message == 20; };
  CHECK(SequenceOf(backlog.PopFirst(is_of_20)) == 2);
  CHECK(SequenceOf(backlog.PopFirst(is_of_20)) == 4);
  CHECK_FALSE(backlog.PopFirst(is_of_20));
  CHECK(SequenceOf(backlog.PopFirst()) == 1);
  CHECK(SequenceOf(backlog.PopFirst()) == 3);
}

TEST_CASE("a held frame does not change with the memory that it was received in") {
  std::vector<std::byte> ring(100, std::byte{7});
  const std::vector<std::byte> as_received = ring;
  Backlog backlog(kLimits);
  Push(backlog, FrameOf(1, ring));
  std::ranges::fill(ring, std::byte{8});
  std::optional<HeldFrame> held = backlog.PopFirst();
  HeldFrame moved = *std::move(held);
  CHECK(std::ranges::equal(moved.frame().payload, as_received));
  CHECK_FALSE(moved.frame().may_change);
}

TEST_CASE("a held frame owns its handles, and the memory that carries its payload") {
  const Guarded guarded;  // nothing stays open or mapped
  Backlog backlog(kLimits);
  Frame frame = FrameOf(1);
  frame.handles.push_back(NewHandle());
  frame.carried = Must(platform::FrozenMapping::Map(NewHandle(), 2));
  frame.payload = frame.carried.bytes();
  const std::byte* const bytes = frame.payload.data();
  Push(backlog, std::move(frame));
  CHECK(backlog.handles() == 2);
  SECTION("given back") {
    auto held = backlog.PopFirst();
    REQUIRE(held);
    CHECK(held->frame().payload.data() == bytes);
    CHECK(held->frame().handles.front());
  }
  SECTION("cleared") {
    backlog.Clear();
  }
  SECTION("dropped") {}
}

TEST_CASE("a backlog is full of bytes, of frames or of handles, with one frame on top at most") {
  Backlog backlog(kLimits);
  SECTION("bytes") {
    const std::vector<std::byte> payload(600);
    Push(backlog, FrameOf(1, payload));
    CHECK(backlog.has_room());
    Push(backlog, FrameOf(2, payload));
    CHECK(backlog.bytes() == 2 * (600 + kFrameHeaderSize));
  }
  SECTION("frames") {
    for (std::uint64_t sequence = 1; sequence <= kLimits.frames; ++sequence) {
      CHECK(backlog.has_room());
      Push(backlog, FrameOf(sequence));
    }
  }
  SECTION("handles") {
    Frame frame = FrameOf(1);
    for (std::size_t n = 0; n < kLimits.handles; ++n) frame.handles.push_back(NewHandle());
    Push(backlog, std::move(frame));
  }
  SECTION("mappings, which are as scarce") {
    for (std::uint64_t sequence = 1; sequence <= kLimits.handles; ++sequence) {
      Frame frame = FrameOf(sequence);
      frame.carried = Must(platform::FrozenMapping::Map(NewHandle(), 2));
      frame.payload = frame.carried.bytes();
      Push(backlog, std::move(frame));
    }
  }
  CHECK_FALSE(backlog.has_room());
  while (backlog.PopFirst()) {
  }
  CHECK(backlog.has_room());
  CHECK(backlog.bytes() == 0);
  CHECK(backlog.handles() == 0);
}

// --- Ranks ---------------------------------------------------------------------------------------

using wire::Compress;
using wire::Priority;

void PushRanked(Backlog& backlog, std::uint64_t sequence, Priority priority) {
  Push(backlog, FrameOf(sequence));
  CHECK_FALSE(backlog.Rank(priority, Compress::kNo));
}

TEST_CASE("ranked frames leave a backlog by priority, then by age") {
  Backlog backlog(kLimits);
  PushRanked(backlog, 1, Priority::kNormal);
  PushRanked(backlog, 2, Priority::kVsync);
  PushRanked(backlog, 3, Priority::kMediumHigh);
  PushRanked(backlog, 4, Priority::kControl);
  PushRanked(backlog, 5, Priority::kInput);
  PushRanked(backlog, 6, Priority::kVsync);
  for (const std::uint64_t sequence : {4, 2, 6, 5, 3, 1}) {
    CHECK(SequenceOf(backlog.PopNext()) == sequence);
  }
  CHECK_FALSE(backlog.PopNext());
  CHECK(backlog.empty());
}

TEST_CASE("whoever asks a backlog for the first frame gets it, ranked or not") {
  Backlog backlog(kLimits);
  PushRanked(backlog, 1, Priority::kNormal);
  PushRanked(backlog, 2, Priority::kControl);
  PushRanked(backlog, 3, Priority::kInput);
  Push(backlog, FrameOf(4));
  Push(backlog, FrameOf(5));
  CHECK(backlog.has_ranked());
  CHECK(backlog.first_unranked()->header().sequence == 4);
  const auto is_of_20 = [](const FrameHeader& header) { return header.message == 20; };
  CHECK(SequenceOf(backlog.PopFirst(is_of_20)) == 2);
  CHECK(SequenceOf(backlog.PopFirst(is_of_20)) == 4);
  CHECK(SequenceOf(backlog.PopFirst()) == 1);
  CHECK(SequenceOf(backlog.PopFirst()) == 3);
  CHECK_FALSE(backlog.has_ranked());
  CHECK(SequenceOf(backlog.PopFirst()) == 5);
  CHECK(backlog.first_unranked() == nullptr);
}

TEST_CASE("a ranked frame has its turn after it was overtaken so many times in a row") {
  constexpr int kMost = Backlog::kMostOvertaking;
  Backlog backlog({.bytes = 100'000, .frames = 1000, .handles = 4});
  PushRanked(backlog, 1, Priority::kNormal);
  std::uint64_t sequence = 1;
  for (; sequence <= kMost + 1; ++sequence) PushRanked(backlog, sequence + 1, Priority::kInput);
  for (std::uint64_t next = 2; next < kMost + 2; ++next) {
    CHECK(SequenceOf(backlog.PopNext()) == next);
  }
  CHECK(SequenceOf(backlog.PopNext()) == 1);
  CHECK(SequenceOf(backlog.PopNext()) == kMost + 2);
  CHECK(backlog.empty());
}

// Which frame it takes the place of; 0 for none.
std::uint64_t PushCompressed(Backlog& backlog, std::uint64_t sequence, Compress compress,
                             std::uint32_t actor = 0) {
  Frame frame = FrameOf(sequence);
  frame.header.message = 10;
  frame.header.actor = actor;
  Push(backlog, std::move(frame));
  return SequenceOf(backlog.Rank(Priority::kNormal, compress));
}

TEST_CASE("a compressed frame takes the place of the last of its kind, if that is where it must") {
  Backlog backlog(kLimits);
  CHECK(PushCompressed(backlog, 1, Compress::kAdjacent) == 0);
  CHECK(PushCompressed(backlog, 2, Compress::kAdjacent) == 1);
  PushRanked(backlog, 3, Priority::kNormal);
  CHECK(PushCompressed(backlog, 4, Compress::kAdjacent) == 0);
  CHECK(PushCompressed(backlog, 5, Compress::kAdjacent) == 4);
  PushRanked(backlog, 6, Priority::kNormal);
  CHECK(PushCompressed(backlog, 7, Compress::kAll, 2) == 0);
  CHECK(PushCompressed(backlog, 8, Compress::kAll) == 5);
  for (const std::uint64_t sequence : {2, 3, 6, 7, 8}) {
    CHECK(SequenceOf(backlog.PopNext()) == sequence);
  }
  CHECK(backlog.bytes() == 0);
}

TEST_CASE("a frame that has left a backlog has no place to be taken") {
  Backlog backlog(kLimits);
  CHECK(PushCompressed(backlog, 1, Compress::kAll) == 0);
  SECTION("in its turn") {
    CHECK(SequenceOf(backlog.PopNext()) == 1);
  }
  SECTION("because somebody asked for it") {
    CHECK(SequenceOf(backlog.PopFirst()) == 1);
  }
  SECTION("cleared") {
    backlog.Clear();
  }
  CHECK(PushCompressed(backlog, 2, Compress::kAll) == 0);
  CHECK(PushCompressed(backlog, 3, Compress::kAll) == 2);
}

}  // namespace
}  // namespace baton::internal
