#include "runtime/channel/send_queue.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/local_socket.h>

#include "runtime/channel/frame_reader.h"
#include "runtime/channel/socket_stream.h"
#include "tests/support/leak_check.h"
#include "tests/support/many_files.h"
#include "tests/support/must.h"
#include "tests/support/skip.h"

namespace baton::internal {
namespace {

using testing::Must;

constexpr std::size_t kRoom = std::size_t{1} << 20;
constexpr SendLimits kSendQueueLimits = {8 * kRoom, 1000, 1000};

FrameHeader Data() {
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.message = 1;
  return header;
}

FrameHeader QueuedControl(std::uint64_t after = 0) {
  FrameHeader header;
  header.lane = Lane::kControl;
  header.kind = FrameKind::kRelease;
  header.after = after;
  return header;
}

std::vector<std::byte> Bytes(std::size_t size) {
  return std::vector<std::byte>(size);
}

// Both ends of a socket, and what comes out of it.
struct Wire {
  Wire() {
    auto ends = Must(platform::CreateSocketPair());
    here = Must(OpenSocketStream(std::move(ends.first), io.get_executor()));
    there = std::move(ends.second);
  }

  // Receives everything that is in the socket; "D3" is data frame 3, "C1" control frame 1.
  std::vector<std::string> Drain() {
    std::vector<std::string> frames;
    for (;;) {
      const auto received = platform::ReceiveSome(there, reader.Space(), reader.incoming_handles());
      if (!received) return frames;
      reader.Commit(*received);
      while (Must(reader.Head()) != nullptr) {
        const Frame frame = reader.Take();
        const char lane = frame.header.lane == Lane::kData ? 'D' : 'C';
        frames.push_back(lane + std::to_string(frame.header.sequence));
        handles.push_back(frame.handles.size());
      }
    }
  }

  // Flushes and drains until nothing waits.
  std::vector<std::string> Exchange(SendQueue& queue) {
    std::vector<std::string> frames;
    for (bool whole = false; !whole;) {
      queue.StreamMayTakeMore();
      whole = !Must(queue.Flush(*here)).for_stream;
      for (auto& frame : Drain()) frames.push_back(std::move(frame));
    }
    return frames;
  }

  boost::asio::io_context io;
  std::unique_ptr<Stream> here;
  platform::Handle there;
  FrameReader reader{kRoom};
  std::vector<std::size_t> handles;  // of each frame that came out
};

// Takes so many bytes at a time, and counts what it was offered.
class Trickle final : public Stream {
 public:
  explicit Trickle(std::size_t most) : most_(most) {}

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle>) override {
    offered += bytes.size();
    return std::min(most_, bytes.size());
  }
  Result<std::size_t> Receive(std::span<std::byte>, std::vector<platform::Handle>&) override {
    return Fail(std::make_error_code(std::errc::operation_would_block));
  }
  void WaitReadable(Ready) override {}
  void WaitWritable(Ready) override {}
  Events Block(const Wanted&) override { return {}; }
  void Close() override {}

  std::uint64_t offered = 0;

 private:
  const std::size_t most_;
};

bool WaitsForNothing(const SendQueue::Waits& waits) {
  return !waits.for_stream && !waits.for_ring && !waits.for_the_system;
}

platform::Handle AHandleToSend() {
  const auto memory = Must(platform::SharedMemory::Create("test", 1));
  return Must(memory.handle().Duplicate());
}

std::vector<Travelling> Handles(std::size_t count) {
  std::vector<Travelling> travelling;
  for (std::size_t i = 0; i < count; ++i) travelling.emplace_back(AHandleToSend());
  return travelling;
}

TEST_CASE("control frames overtake waiting data, in the order of their own lane") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  queue.Push(Data(), Bytes(10));
  queue.Push(Data(), Bytes(10));
  queue.Push(QueuedControl(), Bytes(10));
  queue.Push(QueuedControl(), Bytes(10));
  CHECK(WaitsForNothing(Must(queue.Flush(*wire.here))));
  CHECK(wire.Drain() == std::vector<std::string>{"C1", "C2", "D1", "D2"});
  CHECK(queue.empty());
  CHECK(queue.data_bytes() == 0);
}

TEST_CASE("a control frame that must follow data does") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  queue.Push(Data(), Bytes(10));
  queue.Push(Data(), Bytes(10), Handles(1));  // a send of its own, which control goes before
  queue.Push(QueuedControl(1), Bytes(10));
  queue.Push(QueuedControl(2), Bytes(10));
  CHECK(WaitsForNothing(Must(queue.Flush(*wire.here))));
  CHECK(wire.Drain() == std::vector<std::string>{"D1", "C1", "D2", "C2"});
}

TEST_CASE("a control frame never lands inside a data frame") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  // More than a socket takes at once, so that the first one is left half-written.
  for (int i = 0; i < 3; ++i) queue.Push(Data(), Bytes(kRoom));
  const auto waits = Must(queue.Flush(*wire.here));
  REQUIRE(waits.for_stream);
  CHECK_FALSE(waits.for_ring);
  CHECK_FALSE(waits.for_the_system);
  queue.Push(QueuedControl(), Bytes(10));
  CHECK(wire.Exchange(queue) == std::vector<std::string>{"D1", "C1", "D2", "D3"});
}

TEST_CASE("a queue with data in it takes no more bytes than its room; an empty one takes any") {
  SendQueue queue({1000, 100, 100});
  CHECK(queue.Reserve(5000, 0));
  queue.Push(Data(), Bytes(500));
  CHECK(queue.Reserve(1000 - 540 - kFrameHeaderSize, 0));
  CHECK(queue.Reserve(1000 - 540 - kFrameHeaderSize + 1, 0).error() == Errc::kWouldBlock);
  queue.Push(QueuedControl(), Bytes(5000));  // has a room of its own
  CHECK(queue.Reserve(100, 0));
  CHECK(queue.data_bytes() == 540);
}

TEST_CASE("frames and handles are bounded, too") {
  SendQueue queue({kRoom, 2, 5});
  CHECK(queue.Reserve(10, 1000));  // the queue is empty
  queue.Push(Data(), Bytes(10), Handles(3));
  CHECK(queue.Reserve(10, 2));
  CHECK(queue.Reserve(10, 3).error() == Errc::kWouldBlock);
  CHECK_FALSE(queue.is_drained());
  queue.Push(Data(), Bytes(10));
  CHECK(queue.Reserve(10, 0).error() == Errc::kWouldBlock);
}

TEST_CASE("carried bytes count, and a queue is drained when at most half of each limit waits") {
  SendQueue queue({1000, 100, 100});
  CHECK(queue.is_drained());
  queue.Push(Data(), Bytes(8), Handles(1), 452);
  CHECK(queue.data_bytes() == 500);
  CHECK(queue.is_drained());
  queue.Push(Data(), Bytes(1));
  CHECK_FALSE(queue.is_drained());
  CHECK(queue.high_water() == 541);
  Wire wire;
  Must(queue.Flush(*wire.here));
  CHECK(queue.is_drained());
  CHECK(queue.data_bytes() == 0);
  CHECK(queue.high_water() == 541);
}

TEST_CASE("data that is held back waits, with the control that must follow it") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  queue.HoldData(true);
  queue.Push(Data(), Bytes(10));
  queue.Push(QueuedControl(), Bytes(10));
  queue.Push(QueuedControl(1), Bytes(10));
  CHECK(WaitsForNothing(Must(queue.Flush(*wire.here))));
  CHECK(wire.Drain() == std::vector<std::string>{"C1"});
  queue.HoldData(false);
  Must(queue.Flush(*wire.here));
  CHECK(wire.Drain() == std::vector<std::string>{"D1", "C2"});
}

TEST_CASE("while the peer waits little data leaves by the stream, and control as always") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  for (int i = 0; i < 20; ++i) queue.Push(Data(), Bytes(30'000));
  queue.LimitStream(true);
  const std::size_t first = wire.Exchange(queue).size();
  CHECK(first >= 9);  // 256 KiB, and what had begun
  CHECK(first <= 10);
  queue.Push(QueuedControl(), Bytes(10));
  CHECK(wire.Exchange(queue) == std::vector<std::string>{"C1"});
  queue.LimitStream(false);
  CHECK(wire.Exchange(queue).size() == 20 - first);
}

TEST_CASE("a doorbell that was asked for is one byte, unless something else wakes the reader") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  queue.RequestDoorbell();
  Must(queue.Flush(*wire.here));
  Must(queue.Flush(*wire.here));
  CHECK(wire.Drain().empty());
  CHECK(wire.reader.doorbells() == 1);
  CHECK(queue.doorbells() == 1);
  CHECK(queue.stream_bytes() == 1);

  queue.RequestDoorbell();
  queue.Push(Data(), Bytes(10));
  Must(queue.Flush(*wire.here));
  CHECK(wire.Drain() == std::vector<std::string>{"D1"});
  CHECK(wire.reader.doorbells() == 1);
}

TEST_CASE("answers that have not left are counted") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  FrameHeader answer = Data();
  answer.call = 1;
  answer.kind = FrameKind::kReply;
  queue.Push(answer, Bytes(10));
  answer.kind = FrameKind::kReject;
  queue.Push(answer, Bytes(10));
  queue.Push(Data(), Bytes(10));
  CHECK(queue.answers() == 2);
  Must(queue.Flush(*wire.here));
  CHECK(queue.answers() == 0);
}

TEST_CASE("more handles than one send carries are split, each part with bytes of its frame") {
  const testing::LeakCheck leak_check;
  if (!testing::AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  const std::size_t count = GENERATE(1, 253, 254, 300, 506, 1000);
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  queue.Push(Data(), Bytes(10));
  queue.Push(Data(), Bytes(5000), Handles(count));
  queue.Push(Data(), Bytes(10));
  CHECK(wire.Exchange(queue) == std::vector<std::string>{"D1", "D2", "D3"});
  CHECK(wire.handles == std::vector<std::size_t>{0, count, 0});
  CHECK(wire.reader.AtBoundary());
}

TEST_CASE("handles leave once, with the first byte of their frame, and are kept until then") {
  const testing::LeakCheck leak_check;
  Wire wire;
  SendQueue queue(kSendQueueLimits);
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
  CHECK(wire.Exchange(queue) == std::vector<std::string>{"D1", "D2"});
  CHECK(wire.reader.AtBoundary());
}

TEST_CASE("a reader that takes little at a time is not offered everything each time") {
  constexpr std::size_t kFrames = 1000;
  constexpr std::size_t kFrame = kFrameHeaderSize + 1000;
  const auto offered_to = [](std::size_t most) {
    Trickle stream(most);
    SendQueue queue({8 * kRoom, kFrames, 0});
    for (std::size_t i = 0; i < kFrames; ++i) queue.Push(Data(), Bytes(kFrame - kFrameHeaderSize));
    CHECK(WaitsForNothing(Must(queue.Flush(stream))));
    CHECK(queue.empty());
    CHECK(queue.stream_bytes() == kFrames * kFrame);
    return stream.offered;
  };
  CHECK(offered_to(kFrames * kFrame) == kFrames * kFrame);
  constexpr std::size_t kPiece = (std::size_t{64} << 10) + kFrame;
  CHECK(offered_to(kFrame) <= kFrames * kPiece);
  CHECK(offered_to(1) <= kFrames * (kPiece + kFrame * kFrame));
}

TEST_CASE("a peer that is gone is an error of the flush") {
  Wire wire;
  SendQueue queue(kSendQueueLimits);
  wire.there.Reset();
  queue.Push(Data(), Bytes(10));
  CHECK(queue.Flush(*wire.here).error() == Cause::kPeerGone);
}

}  // namespace
}  // namespace baton::internal
