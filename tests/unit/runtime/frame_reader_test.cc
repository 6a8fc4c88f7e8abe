#include "runtime/channel/frame_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include <baton/platform/shared_memory.h>

namespace baton::internal {
namespace {

constexpr std::size_t kLimit = std::size_t{1} << 20;

std::vector<std::byte> FrameOf(std::uint64_t sequence, const std::string& payload,
                               std::uint16_t handles = 0) {
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.message = 7;
  header.length = static_cast<std::uint32_t>(payload.size());
  header.handles = handles;
  header.sequence = sequence;
  const auto head = EncodeHeader(header);
  std::vector<std::byte> bytes(head.begin(), head.end());
  const auto* begin = reinterpret_cast<const std::byte*>(payload.data());
  bytes.insert(bytes.end(), begin, begin + payload.size());
  return bytes;
}

void Feed(FrameReader& reader, std::span<const std::byte> bytes) {
  const auto space = reader.Space();
  REQUIRE(space.size() >= bytes.size());
  std::ranges::copy(bytes, space.begin());
  reader.Commit(bytes.size());
}

platform::Handle AHandle() {
  auto memory = platform::SharedMemory::Create("test", 1);
  REQUIRE(memory);
  auto handle = memory->handle().Duplicate();
  REQUIRE(handle);
  return std::move(*handle);
}

std::string TextOf(const Frame& frame) {
  return {reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size()};
}

// Everything that can be read now.
std::vector<std::string> Drain(FrameReader& reader) {
  std::vector<std::string> texts;
  for (;;) {
    auto frame = reader.Next();
    REQUIRE(frame);
    if (!frame->has_value()) return texts;
    texts.push_back(TextOf(**frame));
  }
}

TEST_CASE("where the stream is split means nothing") {
  std::vector<std::byte> stream;
  std::vector<std::string> expected;
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    expected.push_back(std::string(sequence * 13 % 60, static_cast<char>('a' + sequence)));
    const auto frame = FrameOf(sequence, expected.back());
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  const unsigned seed = GENERATE(0U, 1U, 2U, 3U, 4U, 5U);
  std::mt19937 random(seed);
  FrameReader reader(kLimit);
  std::vector<std::string> seen;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t most = seed == 0 ? 1 : 1 + random() % 100;  // seed 0: byte by byte
    const std::size_t now = std::min(most, stream.size() - at);
    Feed(reader, std::span(stream).subspan(at, now));
    at += now;
    for (auto& text : Drain(reader)) seen.push_back(std::move(text));
  }
  CHECK(seen == expected);
  CHECK(reader.AtBoundary());
}

TEST_CASE("a frame larger than one receive is put together") {
  const std::string large(std::size_t{300} << 10, 'x');
  const auto frame = FrameOf(1, large);
  FrameReader reader(kLimit);
  for (std::size_t at = 0; at < frame.size();) {
    const std::size_t now = std::min<std::size_t>(40'000, frame.size() - at);
    Feed(reader, std::span(frame).subspan(at, now));
    at += now;
    CHECK_FALSE((at < frame.size() && reader.AtBoundary()));
  }
  CHECK(Drain(reader) == std::vector<std::string>{large});
  CHECK(reader.Space().size() < (std::size_t{300} << 10));  // the room is given back
}

TEST_CASE("a length over the limit is refused before a byte of the payload is there") {
  FrameReader reader(100);
  const auto frame = FrameOf(1, std::string(101, 'x'));
  Feed(reader, std::span(frame).first(kFrameHeaderSize));
  CHECK(reader.Next().error() == Rule::kFrameTooLarge);
}

TEST_CASE("sequences have no gap and no repetition") {
  const auto second = GENERATE(std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3});
  FrameReader reader(kLimit);
  Feed(reader, FrameOf(1, "one"));
  Feed(reader, FrameOf(second, "two"));
  REQUIRE(reader.Next());
  CHECK(reader.Next().error() == Rule::kSequence);
}

TEST_CASE("a control frame cannot wait for data that has not come") {
  FrameHeader goodbye;
  goodbye.kind = FrameKind::kGoodbye;
  goodbye.sequence = 1;
  goodbye.after = 1;
  FrameReader reader(kLimit);
  Feed(reader, EncodeHeader(goodbye));
  CHECK(reader.Next().error() == Rule::kSequence);
}

TEST_CASE("handles belong to the frames that declare them") {
  FrameReader reader(kLimit);
  for (int i = 0; i < 3; ++i) reader.incoming_handles().push_back(AHandle());
  const int second = reader.incoming_handles()[1].get();
  Feed(reader, FrameOf(1, "one", 1));
  Feed(reader, FrameOf(2, "two", 2));
  auto first = reader.Next();
  REQUIRE((first && first->has_value()));
  CHECK((*first)->handles.size() == 1);
  auto next = reader.Next();
  REQUIRE((next && next->has_value()));
  REQUIRE((*next)->handles.size() == 2);
  CHECK((*next)->handles[0].get() == second);
  CHECK(reader.AtBoundary());
}

TEST_CASE("fewer or more handles than declared are refused") {
  FrameReader fewer(kLimit);
  Feed(fewer, FrameOf(1, "one", 1));
  CHECK(fewer.Next().error() == Rule::kHandleCount);

  FrameReader more(kLimit);
  more.incoming_handles().push_back(AHandle());
  Feed(more, FrameOf(1, "one"));
  REQUIRE(more.Next());
  CHECK(more.Next().error() == Rule::kHandleCount);
}

}  // namespace
}  // namespace baton::internal
