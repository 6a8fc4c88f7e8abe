// Beside a peer that means harm another channel is served. Counted, not timed.
#include <poll.h>

#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using internal::FrameHeader;
using internal::FrameKind;
namespace PEcho = ::testing::PEcho;

// Raw frames of a parent, from a process of its own.
class RawParent {
 public:
  explicit RawParent(platform::Handle socket) : socket_(std::move(socket)) {
    Send(EvilParent::FrameOf(EvilParent::HelloHeader(),
                             EvilParent::HelloPayload(EvilParent::HonestHello())));
  }

  std::vector<std::byte> Next(const wire::Message& message, std::span<const void* const> values) {
    return Frame(numbers_.HeaderOf(message), *message.parameters, values);
  }

  // Waits for room. False once the victim has gone.
  bool Send(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, {});
      if (sent) {
        bytes = bytes.subspan(*sent);
      } else if (sent.error() != std::errc::operation_would_block) {
        return false;
      } else {
        Wait(POLLOUT);
      }
    }
    return true;
  }

  void AwaitHangUp() { Wait(0); }

 private:
  void Wait(short events) {
    pollfd state = {socket_.get(), events, 0};
    PEER_EXPECT(::poll(&state, 1, -1) == 1);
  }
  std::vector<std::byte> Frame(const FrameHeader& header, const wire::Table& table,
                               std::span<const void* const> values) {
    return EvilParent::FrameOf(header, Must(encoder_.Encode(table, values, 1 << 20)).bytes);
  }

  platform::Handle socket_;
  wire::Encoder encoder_;
  FrameNumbers numbers_;
};

// Messages without an end, each of which makes the victim say something that nobody reads.
PEER(FloodsWithMessages) {
  RawParent raw(std::move(channel_end));
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  while (raw.Send(raw.Next(PEcho::kCount, values))) {
  }
}

PEER(FloodsWithQuestions) {
  RawParent raw(std::move(channel_end));
  while (raw.Send(raw.Next(PEcho::kIgnore, {}))) {
  }
}

PEER(FloodsWithDoorbells) {
  RawParent raw(std::move(channel_end));
  const std::vector<std::byte> doorbells(10'000, internal::kDoorbell);
  while (raw.Send(doorbells)) {
  }
}

PEER(Lies) {
  RawParent raw(std::move(channel_end));
  raw.Send(std::vector<std::byte>(100, std::byte{0xee}));
  raw.AwaitHangUp();
}

PEER(StopsInTheMiddle) {
  RawParent raw(std::move(channel_end));
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  const auto frame = raw.Next(PEcho::kCount, values);
  raw.Send(std::span(frame).first(frame.size() - 1));
  raw.AwaitHangUp();
}

PEER(IsSilent) {
  pollfd state = {channel_end.get(), 0, 0};
  PEER_EXPECT(::poll(&state, 1, -1) == 1);
}

// An honest channel, both ends of which live on the victim's loop.
struct Neighbours {
  explicit Neighbours(io_context& io) {
    auto ends = CreateEchoEndpoints(Path::kRing);
    Must(std::move(ends.first).Bind(parent, io.get_executor()));
    Must(std::move(ends.second).Bind(child, io.get_executor()));
    Ask();
  }

  int answered = 0;
  std::shared_ptr<EchoParent> parent = std::make_shared<EchoParent>();
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();

 private:
  void Ask() {
    parent->SendPing(1, [this](error_code error, std::uint64_t) {
      if (error) return;
      ++answered;
      Ask();
    });
  }
};

TEST_CASE("hostile: beside a peer that floods, lies or is silent, another channel is served") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const PeerProgram* const attack =
      GENERATE(&FloodsWithMessages, &FloodsWithQuestions, &FloodsWithDoorbells, &Lies,
               &StopsInTheMiddle, &IsSilent);
  CAPTURE(attack->name());
  const Guarded guarded;
  Peer peer = START_PEER(kind, *attack);
  io_context io;
  const auto victim = std::make_shared<EchoChild>();
  ChannelOptions options;
  options.close_deadline = std::chrono::milliseconds(10);  // nobody takes the victim's goodbye
  Must(EndpointOf<::testing::PEchoChild>(peer.TakeEnd()).Bind(victim, io.get_executor(), options));
  Neighbours neighbours(io);
  const auto is_under_way = [&] {
    const auto statistics = victim->statistics();
    return attack == &IsSilent || attack == &StopsInTheMiddle || victim->destroyed == 1 ||
           statistics.messages_received > 100 || statistics.doorbells_received > 100'000;
  };
  while (!is_under_way() && io.run_one() > 0) {
  }
  const int before = neighbours.answered;
  while (neighbours.answered < before + 500 && io.run_one() > 0) {
  }
  CHECK(neighbours.answered >= before + 500);
  CHECK(neighbours.parent->destroyed == 0);
  if (victim->destroyed == 1) CHECK(victim->close_error() == Cause::kPeerFault);

  victim->Close();
  neighbours.parent->Close();
  io.run();
  CHECK(victim->destroyed == 1);
  CHECK(neighbours.parent->destroyed == 1);
  CHECK_FALSE(neighbours.child->close_error());
}

}  // namespace
}  // namespace baton::testing
