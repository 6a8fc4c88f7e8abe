// A process that is killed after any number of bytes: no part of a message is ever dispatched.
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

namespace PEcho = ::testing::PEcho;

// HELLO and one message of an honest parent.
struct Words {
  std::vector<std::byte> hello;
  std::vector<std::byte> message;
};

Words HonestWords() {
  wire::Encoder encoder;
  Words words;
  words.hello = EvilParent::FrameOf(EvilParent::HelloHeader(),
                                    EvilParent::HelloPayload(EvilParent::HonestHello()));
  const std::uint64_t number = 1;
  const void* const of_message[] = {&number};
  internal::FrameHeader header;
  header.lane = internal::Lane::kData;
  header.kind = internal::FrameKind::kMessage;
  header.sequence = 1;
  header.message = PEcho::kCount.id;
  words.message = EvilParent::FrameOf(
      header, Must(encoder.Encode(*PEcho::kCount.parameters, of_message, 1 << 20)).bytes);
  return words;
}

// Is told by a byte how much of the message it gets to write.
PEER(IsKilled) {
  pollfd readable = {channel_end.get(), POLLIN, 0};
  PEER_EXPECT(::poll(&readable, 1, -1) == 1);
  std::uint8_t length = 0;
  PEER_EXPECT(::read(channel_end.get(), &length, 1) == 1);
  const Words words = HonestWords();
  Must(platform::SendSome(channel_end, words.hello, {}));
  if (length > 0) Must(platform::SendSome(channel_end, std::span(words.message).first(length), {}));
  (void)std::raise(SIGKILL);
}

TEST_CASE("hostile: a process that is killed after any byte of a message") {
  const std::size_t whole = HonestWords().message.size();
  REQUIRE(whole < 256);
  const Guarded guarded;
  for (std::size_t length = 0; length <= whole; ++length) {
    INFO(length << " of " << whole << " bytes");
    Peer peer = START_PEER(PeerKind::kProcess, IsKilled);
    platform::Handle end = peer.TakeEnd();
    const auto said = static_cast<std::byte>(length);
    Must(platform::SendSome(end, std::span(&said, 1), {}));
    io_context io;
    const auto victim = std::make_shared<EchoChild>();
    ChannelOptions options;
    options.ring_bytes = 0;
    Must(
        EndpointOf<::testing::PEchoChild>(std::move(end)).Bind(victim, io.get_executor(), options));
    io.run();
    CHECK(victim->destroyed == 1);
    CHECK(victim->reason == ActorDestroyReason::kAbnormalShutdown);
    CHECK(victim->close_error() == Errc::kPeerDied);
    CHECK(victim->statistics().messages_received == (length == whole ? 1 : 0));
    CHECK(peer.AwaitEnd().signal == SIGKILL);
  }
}

}  // namespace
}  // namespace baton::testing
