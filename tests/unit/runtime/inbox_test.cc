#include "runtime/channel/inbox.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <string>

#include <baton/platform/local_socket.h>

#include "runtime/channel/send_queue.h"
#include "tests/support/byte_content.h"
#include "tests/support/flaky_stream.h"
#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using testing::Must;

constexpr std::size_t kInboxLimit = std::size_t{1} << 20;

FrameHeader Data(std::uint64_t sequence) {
  return RingHeader(Lane::kData, sequence, 0);
}

FrameHeader Control(std::uint64_t sequence, std::uint64_t after = 0) {
  FrameHeader header = RingHeader(Lane::kControl, sequence, 0);
  header.after = after;
  return header;
}

std::string NameOf(const FrameHeader& header) {
  return (header.lane == Lane::kData ? 'D' : 'C') + std::to_string(header.sequence);
}

// An inbox whose two paths a test fills by hand.
struct InboxPaths {
  InboxPaths() { inbox.AttachRing(memory.bytes()); }

  void Ring(const FrameHeader& header) {
    REQUIRE(Must(writer.Append(header.lane, header, {})));
    (void)writer.Publish();
  }
  void Stream(std::span<const std::byte> bytes) {
    const auto space = inbox.stream().Space();
    REQUIRE(space.size() >= bytes.size());
    std::ranges::copy(bytes, space.begin());
    inbox.stream().Commit(bytes.size());
  }
  void Stream(const FrameHeader& header) { Stream(EncodeHeader(header)); }

  // The next frame's name; "-" for none, "must receive" for none yet, "fault" for a fault.
  std::string Next(bool stream_is_empty = false) {
    Frame frame;
    const auto found = inbox.Next(stream_is_empty, frame);
    if (!found) {
      CHECK(found.error() == Rule::kSequence);
      return "fault";
    }
    if (*found) return NameOf(frame.header);
    return inbox.must_receive() ? "must receive" : "-";
  }

  RingMemory memory;
  RingWriter writer{memory.bytes()};
  Inbox inbox{kInboxLimit};
};

// --- Honest senders ------------------------------------------------------------------------------

TEST_CASE("control is found while data stays where it is, but not behind data in the stream") {
  InboxPaths paths;
  const auto next_control = [&] {
    Frame frame;
    return Must(paths.inbox.NextControl(frame)) ? NameOf(frame.header) : "-";
  };
  paths.Ring(Data(1));
  paths.Ring(Control(1));
  paths.Stream(Control(2));
  paths.Stream(Data(2));
  paths.Stream(Control(3));
  CHECK(next_control() == "C1");
  CHECK(next_control() == "C2");
  CHECK(next_control() == "-");
  CHECK(paths.Next() == "D1");
  CHECK(next_control() == "-");
  CHECK(paths.Next() == "D2");
  paths.Ring(Control(4, 3));
  CHECK(next_control() == "C3");
  CHECK(next_control() == "-");  // it waits for data
  CHECK(paths.Next() == "must receive");
  paths.Ring(Data(3));
  CHECK(paths.Next() == "D3");
  CHECK(next_control() == "C4");
}

TEST_CASE("frames of one lane come in order, whichever way they took") {
  InboxPaths paths;
  paths.Ring(Data(1));
  paths.Stream(Data(2));
  paths.Ring(Data(3));
  paths.Ring(Data(4));
  CHECK(paths.Next() == "D1");
  CHECK(paths.Next() == "D2");
  CHECK(paths.Next() == "D3");
  CHECK(paths.Next() == "D4");
  CHECK(paths.Next() == "-");
  CHECK(paths.inbox.ring_frames() == 3);
  CHECK(paths.inbox.ring_bytes() == 3 * kFrameHeaderSize);
}

TEST_CASE("control comes before data, unless it must follow") {
  InboxPaths paths;
  paths.Ring(Data(1));
  paths.Ring(Data(2));
  paths.Ring(Control(1));
  paths.Ring(Control(2, 1));
  CHECK(paths.Next() == "C1");
  CHECK(paths.Next() == "D1");
  CHECK(paths.Next() == "C2");
  CHECK(paths.Next() == "D2");
  CHECK(paths.Next() == "-");
}

TEST_CASE("what waits for a frame that is still in the stream asks for it") {
  InboxPaths paths;
  const bool control = GENERATE(false, true);
  paths.Ring(control ? Control(1, 1) : Data(2));
  CHECK(paths.Next() == "must receive");
  const auto first = EncodeHeader(Data(1));
  paths.Stream(std::span(first).first(10));
  CHECK(paths.Next() == "must receive");
  paths.Stream(std::span(first).subspan(10));
  CHECK(paths.Next() == "D1");
  CHECK(paths.Next() == (control ? "C1" : "D2"));
  CHECK(paths.Next(true) == "-");
}

TEST_CASE("a control frame in the stream waits for data in the ring") {
  InboxPaths paths;
  paths.Ring(Data(1));
  paths.Ring(Data(2));
  paths.Stream(Control(1, 2));
  CHECK(paths.Next() == "D1");
  CHECK(paths.Next() == "D2");
  CHECK(paths.Next() == "C1");
}

// --- Liars ---------------------------------------------------------------------------------------

TEST_CASE("a number that was there before is a fault at once") {
  InboxPaths paths;
  const auto lane = GENERATE(Lane::kControl, Lane::kData);
  const bool first_in_ring = GENERATE(false, true);
  const bool second_in_ring = GENERATE(false, true);
  const std::uint64_t second = GENERATE(0U, 1U);
  const auto put = [&](std::uint64_t sequence, bool in_ring) {
    FrameHeader header = lane == Lane::kData ? Data(sequence) : Control(sequence);
    in_ring ? paths.Ring(header) : paths.Stream(header);
  };
  put(1, first_in_ring);
  CHECK(paths.Next() == (lane == Lane::kData ? "D1" : "C1"));
  put(second, second_in_ring);
  CHECK(paths.Next() == "fault");
}

TEST_CASE("a gap is a fault at once in the stream, and in the ring once the stream is empty") {
  const auto header = GENERATE(Data(2), Control(2), Control(1, 1), Data(~std::uint64_t{0}));
  InboxPaths in_stream;
  in_stream.Stream(header);
  CHECK(in_stream.Next() == "fault");

  InboxPaths in_ring;
  in_ring.Ring(header);
  CHECK(in_ring.Next() == "must receive");
  CHECK(in_ring.Next(true) == "fault");
}

TEST_CASE("two heads that are both wrong are a fault at once") {
  InboxPaths paths;
  const bool crosswise = GENERATE(false, true);
  paths.Ring(crosswise ? Control(1, 2) : Data(2));
  paths.Stream(crosswise ? Data(2) : Data(3));
  CHECK(paths.Next() == "fault");
}

TEST_CASE("two lanes that wait for each other are a fault at once") {
  InboxPaths paths;
  paths.Stream(Control(1, 1));
  paths.Stream(Data(1));  // behind what waits for it
  CHECK(paths.Next() == "fault");
}

TEST_CASE("a frame behind one that never comes whole is a fault") {
  InboxPaths paths;
  const std::size_t part = GENERATE(1U, 39U, 40U, 49U);
  FrameHeader first = Data(1);
  first.length = 10;
  std::vector<std::byte> bytes(50);
  std::ranges::copy(EncodeHeader(first), bytes.begin());
  paths.Stream(std::span(bytes).first(part));
  paths.Ring(Data(2));
  CHECK(paths.Next() == "must receive");
  CHECK(paths.Next(true) == "fault");
}

TEST_CASE("what comes meanwhile neither fills memory nor ends the wait") {
  InboxPaths paths;
  paths.Ring(Data(2));
  CHECK(paths.Next() == "must receive");
  const std::size_t room = paths.inbox.stream().Space().size();
  const std::vector<std::byte> doorbells(room, kDoorbell);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    paths.Stream(doorbells);
    CHECK(paths.Next() == "must receive");
    paths.Stream(Control(i));
    CHECK(paths.Next() == "C" + std::to_string(i));
    CHECK(paths.Next() == "must receive");
  }
  CHECK(paths.inbox.stream().Space().size() == room);
  CHECK(paths.Next(true) == "fault");
}

// --- Any order that a SendQueue makes ------------------------------------------------------------

// A queue and an inbox with a ring and a flaky stream between them.
class Journey {
 public:
  explicit Journey(unsigned seed) : random_(seed) {
    auto ends = Must(platform::CreateSocketPair());
    here_ = Flaky(std::move(ends.first));
    there_ = Flaky(std::move(ends.second));
    queue_.AttachRing(writer_);
    inbox_.AttachRing(memory_.bytes());
  }

  void Step() {
    switch (random_() % 4) {
      case 0: return Push();
      case 1: return Flush();
      case 2: return (void)Receive();
      case 3: return Dispatch(random_() % 8);
    }
  }

  // Until everything has arrived.
  void Finish() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      Flush();
      Dispatch(1'000'000);
      Receive();
      if (!queue_.empty() || got_[0] != pushed_[0] || got_[1] != pushed_[1]) quiet = 0;
    }
    CHECK(inbox_.stream().AtBoundary());
    CHECK_FALSE(inbox_.must_receive());
  }

  std::uint64_t frames() const { return got_[0] + got_[1]; }
  std::uint64_t ring_frames() const { return inbox_.ring_frames(); }

 private:
  std::unique_ptr<Stream> Flaky(platform::Handle end) {
    return std::make_unique<testing::FlakyStream>(
        Must(OpenSocketStream(std::move(end), io_.get_executor())), random_());
  }

  void Push() {
    const bool data = random_() % 3 != 0;
    FrameHeader header = data ? Data(0) : Control(0);
    const std::uint64_t sequence = ++pushed_[data ? 1 : 0];
    if (!data && random_() % 2 == 0) header.after = queue_.last_data_sequence();
    const std::size_t sizes[] = {0, 100, kMaxControlRingPayload, 16'000, 60'000};
    const std::size_t size = random_() % (1 + sizes[random_() % std::size(sizes)]);
    std::vector<Travelling> travelling;
    if (data && random_() % 8 == 0) {
      for (unsigned i = 1 + random_() % 4; i > 0; --i) {
        travelling.emplace_back(Must(handle_.Duplicate()));
      }
    }
    queue_.Push(header, RingPayload(sequence, size), std::move(travelling));
  }

  void Flush() {
    queue_.StreamMayTakeMore();
    (void)Must(queue_.Flush(*here_));
  }

  bool Receive() {
    const auto space = inbox_.stream().Space();
    const auto received = there_->Receive(space, inbox_.stream().incoming_handles());
    if (received) inbox_.stream().Commit(*received);
    return received.has_value();
  }

  void Dispatch(std::size_t most) {
    bool stream_is_empty = false;
    for (std::size_t count = 0; count < most;) {
      Frame frame;
      if (Must(inbox_.Next(stream_is_empty, frame))) {
        ++count;
        Look(frame);
      } else if (inbox_.must_receive()) {
        stream_is_empty = !Receive();
        continue;
      } else {
        break;
      }
      stream_is_empty = false;
    }
    if (inbox_.ring()->Release()) queue_.RingMayHaveRoom();
  }

  void Look(const Frame& frame) {
    auto& got = got_[static_cast<std::size_t>(frame.header.lane)];
    REQUIRE(frame.header.sequence == got + 1);
    got = frame.header.sequence;
    REQUIRE(frame.header.after <= got_[1]);
    const auto expected = RingPayload(got, frame.payload.size());
    REQUIRE(testing::HoldSame(frame.payload, expected));
    REQUIRE(frame.handles.size() == frame.header.handles);
  }

  std::mt19937 random_;
  boost::asio::io_context io_;
  std::unique_ptr<Stream> here_;
  std::unique_ptr<Stream> there_;
  platform::Handle handle_ = Must(platform::CreateSocketPair()).first;
  RingMemory memory_;
  RingWriter writer_{memory_.bytes()};
  SendQueue queue_{{kInboxLimit, 1000, 1000}};
  Inbox inbox_{kInboxLimit};
  std::uint64_t pushed_[2] = {0, 0};
  std::uint64_t got_[2] = {0, 0};
};

TEST_CASE("whatever a queue holds and however it leaves, each lane arrives in order") {
  const testing::Guarded guarded;
  const unsigned seed = GENERATE(range(1U, 21U));
  CAPTURE(seed);
  Journey journey(seed);
  for (int i = 0; i < 2000; ++i) journey.Step();
  journey.Finish();
  CHECK(journey.frames() > 300);
  CHECK(journey.ring_frames() > 50);  // both ways are gone
  CHECK(journey.ring_frames() < journey.frames());
}

}  // namespace
}  // namespace baton::internal
