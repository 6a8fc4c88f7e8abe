// Lies about signs of life, and frames of other epochs than the channel's.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "tests/hostile/evil_answerer.h"
#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using internal::Lane;
namespace PEcho = ::testing::PEcho;

ChannelOptions WithoutRing() {
  ChannelOptions options;
  options.ring_bytes = 0;
  return options;
}

std::vector<std::byte> Heartbeat(EvilParent& evil, FrameKind kind, std::uint64_t number) {
  FrameHeader header = evil.ControlHeader(kind);
  header.call = number;
  return EvilParent::FrameOf(header, {});
}

// The headers of what the victim has said since the last time.
std::vector<FrameHeader> Headers(const platform::Handle& socket) {
  std::vector<std::byte> bytes(std::size_t{1} << 16);
  std::vector<platform::Handle> handles;
  std::vector<FrameHeader> headers;
  const auto received = platform::ReceiveSome(socket, bytes, handles);
  if (!received) return headers;
  std::span<const std::byte> rest = std::span(bytes).first(*received);
  while (!rest.empty()) {
    if (rest.front() == internal::kDoorbell) {
      rest = rest.subspan(1);
      continue;
    }
    const auto head = rest.first<internal::kFrameHeaderSize>();
    headers.push_back(Must(internal::DecodeHeader(head, std::size_t{1} << 20)));
    rest = rest.subspan(internal::kFrameHeaderSize + headers.back().length);
  }
  return headers;
}

// Runs until the victim says a frame of this kind, and returns it.
FrameHeader Await(EvilParent& evil, FrameKind kind) {
  for (;;) {
    for (const FrameHeader& header : Headers(evil.socket())) {
      if (header.kind == kind) return header;
    }
    evil.io.restart();
    REQUIRE(evil.io.run_one() > 0);
  }
}

TEST_CASE("hostile: a PING is answered by its number, and is no message") {
  const Guarded guarded;
  EvilParent evil(WithoutRing());
  evil.SayHello();
  for (const std::uint64_t number : {std::uint64_t{7}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    evil.Send(Heartbeat(evil, FrameKind::kPing, number));
    CHECK(Await(evil, FrameKind::kPong).call == number);
  }
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_received == 0);
}

TEST_CASE("hostile: signs of life that cannot be") {
  const Guarded guarded;
  EvilParent evil(WithoutRing());
  evil.SayHello();
  const auto kind = GENERATE(FrameKind::kPing, FrameKind::kPong);
  FrameHeader header = evil.ControlHeader(kind);
  header.call = 1;
  std::vector<std::byte> payload;
  Rule rule = Rule::kFrameHeader;
  SECTION("without a number") {
    header.call = 0;
  }
  SECTION("with a payload") {
    payload.resize(8);
  }
  SECTION("with a flag") {
    header.flags = internal::kSync;
  }
  SECTION("of a message") {
    header.message = 1;
  }
  SECTION("in the data lane") {
    header.lane = Lane::kData;
  }
  SECTION("for an actor") {
    header.actor = 1;
    rule = Rule::kUnknownActor;
  }
  evil.Send(EvilParent::FrameOf(header, payload));
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: a PONG that nobody has asked for") {
  const Guarded guarded;
  EvilParent evil(WithoutRing());
  evil.SayHello();
  evil.Send(Heartbeat(evil, FrameKind::kPong, 1));
  evil.ExpectFault(Rule::kHeartbeat);
}

TEST_CASE("hostile: a PONG with another number, and one too many") {
  const Guarded guarded;
  ChannelOptions options = WithoutRing();
  options.unresponsive_after = std::chrono::milliseconds(20);
  EvilParent evil(options);
  evil.SayHello();
  evil.victim->SendPing(1, [](boost::system::error_code, std::uint64_t) {});
  const std::uint64_t number = Await(evil, FrameKind::kPing).call;
  SECTION("another number") {
    evil.Send(Heartbeat(evil, FrameKind::kPong, number + 1));
  }
  SECTION("one too many") {
    evil.Send(Heartbeat(evil, FrameKind::kPong, number));
    evil.Send(Heartbeat(evil, FrameKind::kPong, number));
  }
  evil.ExpectFault(Rule::kHeartbeat);
}

TEST_CASE("hostile: a flood of PINGs whose answers nobody reads") {
  const Guarded guarded;
  EvilParent evil(WithoutRing());
  evil.SayHello();
  constexpr int kMost = 100'000;
  int sent = 0;
  while (evil.victim->destroyed == 0 && sent < kMost) {
    evil.Send(Heartbeat(evil, FrameKind::kPing, static_cast<std::uint64_t>(++sent)));
  }
  CHECK(sent < kMost);
  evil.ExpectFault(Rule::kHeartbeat);
}

TEST_CASE("hostile: whoever waits for a sync answer gives signs of life") {
  const Guarded guarded;
  EvilAnswerer evil(WithoutRing());
  FrameHeader ping = evil.HeaderOf(FrameKind::kPing, Lane::kControl);
  ping.call = 9;
  REQUIRE(evil.Send(ping, {}));
  evil.Answer(1, 5);
  const auto answer = evil.victim->SendAsk(1);
  REQUIRE(answer);
  CHECK(*answer == 5);
  const auto headers = Headers(evil.socket());
  CHECK(std::ranges::any_of(headers, [](const FrameHeader& header) {
    return header.kind == FrameKind::kPong && header.call == 9;
  }));
}

// --- Epochs --------------------------------------------------------------------------------------

constexpr std::uint32_t kEpoch = 7;

// Speaks to a parent that gives the epoch, as a supervisor's.
struct EpochScene {
  EpochScene() {
    auto ends = Must(platform::CreateSocketPair());
    socket = std::move(ends.first);
    internal::EndpointParts parts = {.socket = std::move(ends.second)};
    parts.epoch = kEpoch;
    Must(internal::BindEndpoint(std::move(parts), victim, io.get_executor(), WithoutRing()));
    internal::Hello hello = EvilParent::HonestHello();
    hello.side = static_cast<std::uint8_t>(Side::kChild);
    const void* const values[] = {&hello.wire_version, &hello.protocol, &hello.schema_hash,
                                  &hello.protocol_version, &hello.side};
    FrameHeader header;
    header.kind = FrameKind::kHello;
    header.sequence = 1;
    Send(header, Must(encoder.Encode(internal::kHelloTable, values, 4096)).bytes);
  }
  ~EpochScene() {
    socket.Reset();
    Run();
    CHECK(victim->destroyed == 1);
  }

  void Send(const FrameHeader& header, std::span<const std::byte> payload,
            std::span<const platform::NativeHandle> handles = {}) {
    const auto frame = EvilParent::FrameOf(header, payload);
    CHECK(Must(platform::SendSome(socket, frame, handles)) == frame.size());
    Run();
  }
  // Counted, with this number in its lane.
  void SendCounted(std::uint32_t epoch, std::uint64_t sequence) {
    const std::uint64_t number = epoch;
    const void* const values[] = {&number};
    FrameHeader header;
    header.kind = FrameKind::kMessage;
    header.lane = Lane::kData;
    header.message = PEcho::kCounted.id;
    header.sequence = sequence;
    header.epoch = epoch;
    Send(header, Must(encoder.Encode(*PEcho::kCounted.parameters, values, 4096)).bytes);
  }
  void Run() {
    io.restart();
    io.poll();
  }

  io_context io;
  std::shared_ptr<EchoParent> victim = std::make_shared<EchoParent>();
  platform::Handle socket;
  wire::Encoder encoder;
};

TEST_CASE("hostile: frames of earlier epochs are dropped, whatever they are") {
  const Guarded guarded;
  EpochScene scene;
  CHECK(Headers(scene.socket).front().epoch == kEpoch);
  scene.SendCounted(kEpoch, 1);
  scene.SendCounted(kEpoch - 1, 2);
  scene.SendCounted(0, 999);
  FrameHeader goodbye;
  goodbye.kind = FrameKind::kGoodbye;
  goodbye.sequence = 2;
  goodbye.epoch = 1;
  scene.Send(goodbye, {});
  FrameHeader with_handle;
  with_handle.kind = FrameKind::kHello;
  with_handle.handles = 1;
  with_handle.epoch = 2;
  const platform::Handle file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const platform::NativeHandle natives[] = {file.get()};
  scene.Send(with_handle, {}, natives);
  scene.SendCounted(kEpoch, 2);
  CHECK(scene.victim->counted == std::vector<std::uint64_t>{kEpoch, kEpoch});
  CHECK(scene.victim->statistics().frames_stale == 4);
  CHECK(scene.victim->statistics().messages_received == 2);
  CHECK(scene.victim->CanSend());
}

TEST_CASE("hostile: an epoch that has not been ends the channel") {
  const Guarded guarded;
  EpochScene scene;
  scene.SendCounted(kEpoch + 1, 1);
  CHECK(scene.victim->destroyed == 1);
  CHECK(scene.victim->close_error() == Rule::kEpoch);
  CHECK(scene.victim->counted.empty());
}

}  // namespace
}  // namespace baton::testing
