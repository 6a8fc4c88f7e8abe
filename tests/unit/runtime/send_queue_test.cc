#include "runtime/channel/send_queue.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/local_socket.h>

#include "runtime/channel/frame_reader.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::internal {
namespace {

using testing::Must;

constexpr std::size_t kRoom = std::size_t{1} << 20;

FrameHeader Data() {
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.message = 1;
  return header;
}

FrameHeader Control(std::uint64_t after = 0) {
  FrameHeader header;
  header.lane = Lane::kControl;
  header.kind = FrameKind::kRelease;
  header.after = after;
  return header;
}

std::vector<std::byte> Bytes(std::size_t size) {
  return std::vector<std::byte>(size);
}

// Receives everything that is in the socket; "D3" is data frame 3, "C1" control frame 1.
std::vector<std::string> Drain(const platform::Handle& socket, FrameReader& reader) {
  std::vector<std::string> frames;
  for (;;) {
    const auto received = platform::ReceiveSome(socket, reader.Space(), reader.incoming_handles());
    if (!received) return frames;
    reader.Commit(*received);
    for (;;) {
      const auto frame = Must(reader.Next());
      if (!frame) break;
      const char lane = frame->header.lane == Lane::kData ? 'D' : 'C';
      frames.push_back(lane + std::to_string(frame->header.sequence));
    }
  }
}

struct Wire {
  Wire() {
    auto ends = Must(platform::CreateSocketPair());
    here = std::move(ends.first);
    there = std::move(ends.second);
  }
  platform::Handle here;
  platform::Handle there;
  FrameReader reader{kRoom};
};

TEST_CASE("control frames overtake waiting data, in the order of their own lane") {
  Wire wire;
  SendQueue queue(kRoom);
  queue.Push(Data(), Bytes(10));
  queue.Push(Data(), Bytes(10));
  queue.Push(Control(), Bytes(10));
  queue.Push(Control(), Bytes(10));
  CHECK(Must(queue.Flush(wire.here)));
  CHECK(Drain(wire.there, wire.reader) == std::vector<std::string>{"C1", "C2", "D1", "D2"});
  CHECK(queue.empty());
  CHECK(queue.data_bytes() == 0);
}

TEST_CASE("a control frame that must follow data does") {
  Wire wire;
  SendQueue queue(kRoom);
  queue.Push(Data(), Bytes(10));
  queue.Push(Data(), Bytes(10));
  queue.Push(Control(1), Bytes(10));
  CHECK(Must(queue.Flush(wire.here)));
  CHECK(Drain(wire.there, wire.reader) == std::vector<std::string>{"D1", "C1", "D2"});
}

TEST_CASE("a control frame never lands inside a data frame") {
  Wire wire;
  SendQueue queue(8 * kRoom);
  // More than a socket takes at once, so that the first one is left half-written.
  for (int i = 0; i < 3; ++i) queue.Push(Data(), Bytes(kRoom));
  REQUIRE_FALSE(Must(queue.Flush(wire.here)));
  CHECK_FALSE(queue.starved());
  queue.Push(Control(), Bytes(10));
  std::vector<std::string> frames;
  for (bool whole = false; !whole;) {
    whole = Must(queue.Flush(wire.here));
    for (auto& frame : Drain(wire.there, wire.reader)) frames.push_back(std::move(frame));
  }
  CHECK(frames == std::vector<std::string>{"D1", "C1", "D2", "D3"});
}

TEST_CASE("a queue with data in it takes no more than its room; an empty one takes anything") {
  SendQueue queue(1000);
  CHECK(queue.Reserve(5000));
  queue.Push(Data(), Bytes(500));
  CHECK(queue.Reserve(1000 - 548 - kFrameHeaderSize));
  CHECK(queue.Reserve(1000 - 548 - kFrameHeaderSize + 1).error() == Errc::kWouldBlock);
  queue.Push(Control(), Bytes(5000));  // has a room of its own
  CHECK(queue.Reserve(100));
}

TEST_CASE("handles leave once, with the first byte of their frame, and are kept until then") {
  const testing::LeakCheck leak_check;
  Wire wire;
  SendQueue queue(8 * kRoom);
  queue.Push(Data(), Bytes(kRoom));
  {
    auto memory = Must(platform::SharedMemory::Create("test", 10));
    auto mapping = Must(memory.Map());
    const auto record =
        std::make_shared<ShmemRecord>(std::weak_ptr<ShmemTable>(), ShmemKind::kSafe, ShmemId{1, 2},
                                      std::move(memory), std::move(mapping));
    std::vector<Travelling> travelling;
    travelling.emplace_back(record);
    queue.Push(Data(), Bytes(kRoom), std::move(travelling));
  }
  std::vector<std::string> frames;
  for (bool whole = false; !whole;) {
    whole = Must(queue.Flush(wire.here));
    for (auto& frame : Drain(wire.there, wire.reader)) frames.push_back(std::move(frame));
  }
  CHECK(frames == std::vector<std::string>{"D1", "D2"});
  CHECK(wire.reader.AtBoundary());
}

TEST_CASE("a peer that is gone is an error of the flush") {
  Wire wire;
  SendQueue queue(kRoom);
  wire.there.Reset();
  queue.Push(Data(), Bytes(10));
  CHECK(queue.Flush(wire.here).error() == Cause::kPeerGone);
}

}  // namespace
}  // namespace baton::internal
