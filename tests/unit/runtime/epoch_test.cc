// Frames of this incarnation, of an earlier one, and of none.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>

#include "runtime/channel/inbox.h"
#include "runtime/channel/send_queue.h"
#include "runtime/channel/socket_stream.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using testing::LeakCheck;
using testing::Must;

constexpr std::size_t kLimit = std::size_t{1} << 20;
constexpr std::uint32_t kEpoch = 5;

FrameHeader Data(std::uint64_t sequence, std::uint32_t epoch) {
  FrameHeader header = RingHeader(Lane::kData, sequence, 0);
  header.epoch = epoch;
  return header;
}

FrameHeader HelloOf(std::uint32_t epoch) {
  FrameHeader header;
  header.kind = FrameKind::kHello;
  header.sequence = 1;
  header.epoch = epoch;
  return header;
}

// An inbox whose two paths a test fills by hand.
struct Paths {
  Paths() { inbox.AttachRing(memory.bytes()); }

  void Ring(const FrameHeader& header) {
    REQUIRE(Must(writer.Append(header.lane, header, {})));
    (void)writer.Publish();
  }
  void Stream(const FrameHeader& header) {
    const auto bytes = EncodeHeader(header);
    const auto space = inbox.stream().Space();
    REQUIRE(space.size() >= bytes.size());
    std::ranges::copy(bytes, space.begin());
    inbox.stream().Commit(bytes.size());
  }
  void Send(bool by_ring, const FrameHeader& header) { by_ring ? Ring(header) : Stream(header); }

  // The number of the next frame, 0 when there is none.
  std::uint64_t Next() {
    Frame frame;
    return Must(inbox.Next(false, frame)) ? frame.header.sequence : 0;
  }
  std::error_code NextError() {
    Frame frame;
    const auto found = inbox.Next(false, frame);
    return found ? std::error_code() : found.error();
  }

  RingMemory memory;
  RingWriter writer{memory.bytes()};
  Inbox inbox{kLimit};
};

TEST_CASE("frames of an earlier epoch are dropped and counted, on either path") {
  const bool by_ring = GENERATE(false, true);
  Paths paths;
  paths.inbox.SetEpoch(kEpoch);
  paths.Send(by_ring, Data(1, kEpoch - 1));
  paths.Send(by_ring, Data(1, kEpoch));
  paths.Send(by_ring, Data(2, kEpoch - 1));
  paths.Send(by_ring, Data(77, 0));
  paths.Send(by_ring, Data(2, kEpoch));
  CHECK(paths.Next() == 1);
  CHECK(paths.Next() == 2);
  CHECK(paths.Next() == 0);
  CHECK(paths.inbox.stale_frames() == 3);
  CHECK(paths.inbox.frames() == 2);
}

TEST_CASE("a flood of them in a ring is dropped in turns, and nothing behind it is lost") {
  Paths paths;
  paths.inbox.SetEpoch(kEpoch);
  for (std::uint64_t i = 1; i <= 200; ++i) paths.Ring(Data(i, 1));
  paths.Ring(Data(1, kEpoch));
  CHECK(paths.Next() == 0);
  CHECK_FALSE(Must(paths.inbox.ring()->Sleep()));  // whoever reads stays awake
  int turns = 1;
  while (paths.Next() == 0) REQUIRE(++turns < 200);
  CHECK(turns > 1);
  CHECK(paths.inbox.stale_frames() == 200);
}

TEST_CASE("an epoch that has not been is a fault") {
  const bool by_ring = GENERATE(false, true);
  const std::uint32_t ours = GENERATE(0U, kEpoch);
  Paths paths;
  paths.inbox.SetEpoch(ours);
  paths.Send(by_ring, Data(1, ours + 1));
  CHECK(paths.NextError() == Rule::kEpoch);
}

TEST_CASE("control that is looked for alone is of this epoch as well") {
  Paths paths;
  paths.inbox.SetEpoch(kEpoch);
  FrameHeader stale = RingHeader(Lane::kControl, 1, 0);
  FrameHeader control = stale;
  control.epoch = kEpoch;
  paths.Ring(stale);
  paths.Ring(control);
  Frame frame;
  CHECK(Must(paths.inbox.NextControl(frame)));
  CHECK(frame.header.epoch == kEpoch);
  CHECK(paths.inbox.stale_frames() == 1);
}

TEST_CASE("the first HELLO may not know its epoch, and nothing else may") {
  Paths paths;
  paths.inbox.SetEpoch(kEpoch);
  paths.Stream(HelloOf(0));
  CHECK(paths.Next() == 1);
  paths.Stream(HelloOf(0));
  paths.Stream(Data(1, 0));
  CHECK(paths.Next() == 0);
  CHECK(paths.inbox.stale_frames() == 2);
}

TEST_CASE("who has been launched learns its epoch from the first frame") {
  Paths paths;
  paths.inbox.LearnEpoch();
  paths.Stream(HelloOf(kEpoch));
  CHECK(paths.Next() == 1);
  CHECK(paths.inbox.epoch() == kEpoch);
  paths.Ring(Data(1, kEpoch - 1));
  paths.Ring(Data(1, kEpoch));
  CHECK(paths.Next() == 1);
  CHECK(paths.inbox.stale_frames() == 1);
  paths.Ring(Data(2, kEpoch + 1));
  CHECK(paths.NextError() == Rule::kEpoch);
}

// --- Sending -------------------------------------------------------------------------------------

// The headers of what has left, all without payload.
std::vector<FrameHeader> Headers(const platform::Handle& socket) {
  std::vector<std::byte> bytes(4096);
  std::vector<platform::Handle> handles;
  const auto received = platform::ReceiveSome(socket, bytes, handles);
  std::vector<FrameHeader> headers;
  if (!received) return headers;
  REQUIRE(*received % kFrameHeaderSize == 0);
  for (std::size_t at = 0; at < *received; at += kFrameHeaderSize) {
    const auto one = std::span<const std::byte>(bytes).subspan(at).first<kFrameHeaderSize>();
    headers.push_back(Must(DecodeHeader(one, kLimit)));
  }
  return headers;
}

TEST_CASE("what waits for its epoch leaves with it; HELLO leaves before") {
  const LeakCheck leak_check;
  boost::asio::io_context io;
  auto ends = Must(platform::CreateSocketPair());
  const auto stream = Must(OpenSocketStream(std::move(ends.first), io.get_executor()));
  SendQueue queue({kLimit, 100, 100});
  queue.HoldAllButHello();
  FrameHeader hello;
  hello.kind = FrameKind::kHello;
  queue.Push(hello, {});
  FrameHeader goodbye;
  goodbye.kind = FrameKind::kGoodbye;
  queue.Push(goodbye, {});
  queue.Push(RingHeader(Lane::kData, 0, 0), {});
  Must(queue.Flush(*stream));
  const auto first = Headers(ends.second);
  REQUIRE(first.size() == 1);
  CHECK(first[0].kind == FrameKind::kHello);
  CHECK(first[0].epoch == 0);

  queue.SetEpoch(kEpoch);
  queue.HoldData(false);
  Must(queue.Flush(*stream));
  const auto rest = Headers(ends.second);
  CHECK(rest.size() == 2);
  for (const FrameHeader& header : rest) CHECK(header.epoch == kEpoch);
  CHECK(queue.empty());
}

}  // namespace
}  // namespace baton::internal
