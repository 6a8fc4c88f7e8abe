// A peer that means harm to who waits for it: it speaks raw frames to a SyncChild, the victim.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tests/hostile/evil_parent.h"
#include "tests/process/sync_actors.h"

namespace baton::testing {

// Writes its lies ahead, since the victim waits in the same thread.
class EvilAnswerer {
 public:
  explicit EvilAnswerer(const ChannelOptions& options = {}) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    auto bound = EndpointOf<::testing::PSyncChild>(std::move(ends.second))
                     .Bind(victim, io.get_executor(), options);
    REQUIRE(bound);
    const auto& protocol = ::testing::PSync::kProtocol;
    Send(HeaderOf(internal::FrameKind::kHello, internal::Lane::kControl),
         EvilParent::HelloPayload(EvilParent::HelloOf(protocol)));
  }
  ~EvilAnswerer() { HangUp(); }

  // For whoever has what the victim's actors point to.
  void HangUp() {
    if (std::exchange(has_hung_up_, true)) return;
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  std::vector<std::byte> Number(const wire::Table& table, std::uint64_t number) {
    const void* const values[] = {&number};
    return Encode(table, values);
  }

  internal::FrameHeader HeaderOf(internal::FrameKind kind, internal::Lane lane) {
    internal::FrameHeader header;
    header.kind = kind;
    header.lane = lane;
    header.sequence = ++sequence_[static_cast<std::size_t>(lane)];
    return header;
  }

  // False when the victim takes no more for now.
  bool Send(const internal::FrameHeader& header, std::span<const std::byte> payload) {
    const auto frame = EvilParent::FrameOf(header, payload);
    std::span<const std::byte> bytes = frame;
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, {});
      if (!sent) return false;
      bytes = bytes.subspan(*sent);
    }
    return true;
  }

  void Answer(std::uint64_t call, std::uint64_t number,
              internal::Lane lane = internal::Lane::kControl,
              const wire::Message& message = ::testing::PSync::kAsk) {
    internal::FrameHeader header = HeaderOf(internal::FrameKind::kReply, lane);
    header.message = message.id;
    header.call = call;
    Send(header, Number(*message.reply, number));
  }

  void Question(const wire::Message& message, std::uint32_t flags) {
    internal::FrameHeader header = HeaderOf(internal::FrameKind::kMessage, internal::Lane::kData);
    header.message = message.id;
    header.call = ++call_;
    header.flags = flags;
    Send(header, Number(*message.parameters, 0));
  }

  void ExpectFault(Rule rule) {
    io.restart();
    io.poll();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 1);
    CHECK(victim->close_error() == rule);
  }

  platform::Handle& socket() { return socket_; }

  io_context io;
  std::shared_ptr<SyncChild> victim = std::make_shared<SyncChild>();

 private:
  platform::Handle socket_;
  bool has_hung_up_ = false;
  wire::Encoder encoder_;
  std::uint64_t sequence_[2] = {0, 0};
  std::uint64_t call_ = 0;
};

}  // namespace baton::testing
