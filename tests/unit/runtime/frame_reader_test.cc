#include "runtime/channel/frame_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>

#include "tests/support/descriptor_limit.h"

namespace baton::internal {
namespace {

constexpr std::size_t kReaderLimit = std::size_t{1} << 20;

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
  while (!bytes.empty()) {
    const auto space = reader.Space();
    REQUIRE_FALSE(space.empty());
    const std::size_t now = std::min(space.size(), bytes.size());
    std::ranges::copy(bytes.first(now), space.begin());
    reader.Commit(now);
    bytes = bytes.subspan(now);
  }
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
    const auto head = reader.Head();
    REQUIRE(head);
    CHECK(reader.has_frame() == (*head != nullptr));
    if (*head == nullptr) return texts;
    texts.push_back(TextOf(reader.Take()));
  }
}

// The next frame, which must be there.
Frame TakeNext(FrameReader& reader) {
  const auto head = reader.Head();
  REQUIRE(head);
  REQUIRE(*head != nullptr);
  return reader.Take();
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
  FrameReader reader(kReaderLimit);
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
  FrameReader reader(kReaderLimit);
  for (std::size_t at = 0; at < frame.size();) {
    const std::size_t now = std::min<std::size_t>(40'000, frame.size() - at);
    Feed(reader, std::span(frame).subspan(at, now));
    at += now;
    CHECK_FALSE((at < frame.size() && reader.AtBoundary()));
  }
  CHECK(Drain(reader) == std::vector<std::string>{large});
  reader.Shrink();
  CHECK(reader.Space().size() < (std::size_t{64} << 10));  // the room is given back
}

TEST_CASE("a length over the limit is refused before a byte of the payload is there") {
  FrameReader reader(100);
  const auto frame = FrameOf(1, std::string(101, 'x'));
  Feed(reader, std::span(frame).first(kFrameHeaderSize));
  CHECK(reader.Head().error() == Rule::kFrameTooLarge);
}

TEST_CASE("a message that is not whole takes none of the last quarter of the files") {
  constexpr std::uint16_t kMany = 300;
  const auto [count, is_short, is_taken] = GENERATE(
      table<std::size_t, bool, bool>({{254, false, true}, {254, true, false}, {253, true, true}}));
  CAPTURE(count, is_short);
  FrameReader reader(kReaderLimit);
  const auto frame = FrameOf(1, "payload", kMany);
  Feed(reader, std::span(frame).first(frame.size() - 1));
  while (reader.incoming_handles().size() < count) reader.incoming_handles().push_back(AHandle());
  const int last = reader.incoming_handles().back().get();
  const int files = is_short ? last + 1 : 2 * last;
  const auto head = [&] {
    const testing::DescriptorLimit limit(files);
    return reader.Head();
  }();
  CHECK(head.has_value() == is_taken);
  if (!head) CHECK(head.error() == std::errc::too_many_files_open);
}

TEST_CASE("a head stays what it is until its frame is taken") {
  FrameReader reader(kReaderLimit);
  Feed(reader, FrameOf(1, "one"));
  Feed(reader, FrameOf(2, "two"));
  for (int i = 0; i < 3; ++i) {
    const auto head = reader.Head();
    REQUIRE(head);
    REQUIRE(*head != nullptr);
    CHECK((*head)->sequence == 1);
  }
  Feed(reader, FrameOf(3, std::string(100'000, 'x')));  // moves what is there
  CHECK(TextOf(TakeNext(reader)) == "one");
  CHECK(TextOf(TakeNext(reader)) == "two");
  CHECK(TakeNext(reader).header.sequence == 3);
  CHECK(reader.AtBoundary());
}

TEST_CASE("doorbells between frames are counted and skipped, those inside are content") {
  FrameReader reader(kReaderLimit);
  const std::string zeros(30, '\0');
  const std::vector<std::byte> doorbells(3, kDoorbell);
  Feed(reader, doorbells);
  Feed(reader, FrameOf(1, zeros));
  Feed(reader, doorbells);
  Feed(reader, FrameOf(2, ""));
  Feed(reader, doorbells);
  CHECK(Drain(reader) == std::vector<std::string>{zeros, ""});
  CHECK(reader.doorbells() == 9);
  CHECK(reader.AtBoundary());
}

TEST_CASE("a flood of doorbells takes no room") {
  FrameReader reader(kReaderLimit);
  const std::size_t room = reader.Space().size();
  const std::vector<std::byte> doorbells(room, kDoorbell);
  for (int i = 0; i < 1000; ++i) {
    Feed(reader, doorbells);
    CHECK(Drain(reader).empty());
  }
  CHECK(reader.doorbells() == 1000 * room);
  CHECK(reader.Space().size() == room);
}

TEST_CASE("handles belong to the frames that declare them") {
  FrameReader reader(kReaderLimit);
  for (int i = 0; i < 3; ++i) reader.incoming_handles().push_back(AHandle());
  const int second = reader.incoming_handles()[1].get();
  Feed(reader, FrameOf(1, "one", 1));
  Feed(reader, FrameOf(2, "two", 2));
  CHECK(TakeNext(reader).handles.size() == 1);
  const Frame next = TakeNext(reader);
  REQUIRE(next.handles.size() == 2);
  CHECK(next.handles[0].get() == second);
  CHECK(reader.AtBoundary());
}

TEST_CASE("fewer or more handles than declared are refused") {
  FrameReader fewer(kReaderLimit);
  Feed(fewer, FrameOf(1, "one", 1));
  CHECK(fewer.Head().error() == Rule::kHandleCount);

  FrameReader more(kReaderLimit);
  more.incoming_handles().push_back(AHandle());
  Feed(more, FrameOf(1, "one"));
  CHECK(TakeNext(more).handles.empty());
  CHECK(more.Head().error() == Rule::kHandleCount);

  FrameReader early(kReaderLimit);  // before the frame is whole
  for (int i = 0; i < 2; ++i) early.incoming_handles().push_back(AHandle());
  const auto frame = FrameOf(1, "one", 1);
  Feed(early, std::span(frame).first(kFrameHeaderSize + 1));
  CHECK(early.Head().error() == Rule::kHandleCount);
}

TEST_CASE("the handles of one frame may come in several parts") {
  FrameReader reader(kReaderLimit);
  const auto frame = FrameOf(1, "one", 3);
  reader.incoming_handles().push_back(AHandle());
  Feed(reader, std::span(frame).first(kFrameHeaderSize));
  CHECK(Drain(reader).empty());
  CHECK_FALSE(reader.AtBoundary());
  for (int i = 0; i < 2; ++i) reader.incoming_handles().push_back(AHandle());
  Feed(reader, std::span(frame).subspan(kFrameHeaderSize));
  CHECK(TakeNext(reader).handles.size() == 3);
  CHECK(reader.AtBoundary());
}

TEST_CASE("no more handles than one send carries pile up before there is a header") {
  FrameReader reader(kReaderLimit);
  auto& handles = reader.incoming_handles();
  for (std::size_t i = 0; i < platform::kMaxHandlesPerSend; ++i) handles.emplace_back(AHandle());
  const auto frame = FrameOf(1, "one", 1000);
  Feed(reader, std::span(frame).first(1));
  CHECK(Drain(reader).empty());
  handles.emplace_back(AHandle());
  CHECK(reader.Head().error() == Rule::kHandleCount);
}

}  // namespace
}  // namespace baton::internal
