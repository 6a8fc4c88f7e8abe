// A peer that means harm: it speaks raw frames to an EchoChild, the victim, who runs in the same
// thread. Every lie must end that one channel with the right rule, and nothing else.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>

#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "runtime/wire/encoder.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/process/echo_actors.h"

namespace baton::testing {

// A victim that takes sealed memory alone, whatever it makes itself.
inline ChannelOptions RefusesUnsealed() {
  ChannelOptions options;
  options.unsealed_memory = platform::UnsealedMemory::kRefuse;
  return options;
}

class EvilParent {
 public:
  // With what options the victim has bound its end.
  explicit EvilParent(const ChannelOptions& options = {},
                      std::shared_ptr<EchoChild> who = std::make_shared<EchoChild>())
      : victim(std::move(who)) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Must(EndpointOf<::testing::PEchoChild>(std::move(ends.second))
             .Bind(victim, io.get_executor(), options));
  }

  // A victim that this test has not killed ends in good order.
  ~EvilParent() {
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  // --- Frames ---------------------------------------------------------------------------------
  // An honest header for a message; tests change it.
  internal::FrameHeader HeaderOf(const wire::Message& message) {
    return numbers_.HeaderOf(message);
  }

  internal::FrameHeader ControlHeader(internal::FrameKind kind) {
    return numbers_.ControlHeader(kind);
  }

  // The frame as bytes, with its true length.
  static std::vector<std::byte> FrameOf(internal::FrameHeader header,
                                        std::span<const std::byte> payload) {
    header.length = static_cast<std::uint32_t>(payload.size());
    const auto head = internal::EncodeHeader(header);
    std::vector<std::byte> frame(head.begin(), head.end());
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  // A HELLO as every raw peer of these tests writes it: the first frame of its control lane.
  static internal::FrameHeader HelloHeader() {
    internal::FrameHeader header;
    header.kind = internal::FrameKind::kHello;
    header.sequence = 1;
    return header;
  }
  static std::vector<std::byte> HelloPayload(const internal::Hello& hello) {
    const void* const values[] = {&hello.wire_version, &hello.protocol, &hello.schema_hash,
                                  &hello.protocol_version, &hello.side};
    wire::Encoder encoder;
    const auto encoded = Must(encoder.Encode(internal::kHelloTable, values, 4096));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  // What an honest peer says.
  static internal::Hello HelloOf(const wire::Protocol& protocol, Side side = Side::kParent) {
    return {internal::kWireVersion, protocol.name, protocol.schema_hash, protocol.version,
            static_cast<std::uint8_t>(side)};
  }
  static internal::Hello HonestHello() { return HelloOf(::testing::PEcho::kProtocol); }

  void SayHello() {
    Send(FrameOf(ControlHeader(internal::FrameKind::kHello), HelloPayload(HonestHello())));
  }

  // Writes all of it, with the handles on its first byte, letting the victim read in between.
  void Send(std::span<const std::byte> bytes, std::span<const platform::Handle> handles = {}) {
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, natives);
      if (sent) {
        bytes = bytes.subspan(*sent);
        natives.clear();
      } else if (sent.error() != std::errc::operation_would_block) {
        return;  // the victim has closed
      }
      io.restart();
      io.poll();
    }
  }

  // A whole honest-looking message `Fill` with one reference to memory.
  std::vector<std::byte> FillPayload(const wire::ShmemReference& reference) {
    Shmem placeholder;
    const std::uint8_t fill = 7;
    const void* const values[] = {&placeholder, &fill};
    const auto encoded =
        Must(encoder_.Encode(*::testing::PEcho::kFill.parameters, values, 1 << 20));
    REQUIRE(encoded.shared_memory.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &reference,
                sizeof(reference));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  // --- What became of the victim ---------------------------------------------------------------
  void Run() {
    io.restart();
    io.poll();
  }

  // The victim has closed with this rule and nothing else.
  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 1);
    CHECK(victim->reason == ActorDestroyReason::kAbnormalShutdown);
    CHECK(victim->close_error() == rule);
    CHECK_FALSE(victim->close_detail().empty());
  }

  // The victim takes it for a peer that has died.
  void ExpectDeath() {
    Run();
    CHECK(victim->destroyed == 1);
    CHECK(victim->reason == ActorDestroyReason::kAbnormalShutdown);
    CHECK(victim->close_error() == Errc::kPeerDied);
  }

  void ExpectAlive() {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 0);
    CHECK(victim->CanSend());
  }

  void HangUp() { socket_.Reset(); }
  const platform::Handle& socket() const { return socket_; }

  io_context io;
  std::shared_ptr<EchoChild> victim;

 private:
  platform::Handle socket_;
  wire::Encoder encoder_;
  FrameNumbers numbers_;
};

}  // namespace baton::testing
