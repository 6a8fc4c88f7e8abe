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

}  // namespace
}  // namespace baton::internal
