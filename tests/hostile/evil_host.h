// A host that means harm: it speaks raw frames to a MeetGuest, the victim, who runs in the same
// thread and keeps the endpoint that it is sent.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>

#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "runtime/wire/encoder.h"
#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/process/meet_actors.h"

namespace baton::testing {

class EvilHost {
 public:
  explicit EvilHost(const ChannelOptions& options = {}) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    internal::EndpointParts parts = {.socket = std::move(ends.second)};
    Must(internal::BindEndpoint(std::move(parts), victim, io.get_executor(), options));
    SayHello();
  }
  ~EvilHost() {
    socket_.Reset();
    party.kept.clear();
    io.restart();
    io.run();
  }

  // A whole honest-looking message `Keep` with this in the place of its endpoint.
  void SendKeep(const wire::EndpointReference& reference,
                std::span<const platform::Handle> handles) {
    const auto& message = meet::PHost::kKeep;
    const Endpoint<meet::PTalkChild> placeholder;
    const void* const values[] = {&placeholder};
    const auto encoded = Must(encoder_.Encode(*message.parameters, values, 1 << 20));
    REQUIRE(encoded.shared_memory.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &reference,
                sizeof(reference));
    internal::FrameHeader header = numbers_.HeaderOf(message);
    header.handles = static_cast<std::uint16_t>(handles.size());
    Send(header, encoded.bytes, handles);
  }

  void Run() {
    io.restart();
    io.poll();
  }

  void ExpectAlive() {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->CanSend());
  }

  // The victim has closed with this rule.
  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->close_error() == rule);
    CHECK(victim->close_detail().find("PHost::Keep") != std::string::npos);
  }

  io_context io;
  MeetParty party = {io};
  std::shared_ptr<MeetGuest> victim = std::make_shared<MeetGuest>(party);

 private:
  void SayHello() {
    Send(EvilParent::HelloHeader(),
         EvilParent::HelloPayload(EvilParent::HelloOf(meet::PHost::kProtocol)), {});
  }

  void Send(internal::FrameHeader header, std::span<const std::byte> payload,
            std::span<const platform::Handle> handles) {
    const auto frame = EvilParent::FrameOf(header, payload);
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    CHECK(Must(platform::SendSome(socket_, frame, natives)) == frame.size());
    Run();
  }

  platform::Handle socket_;
  wire::Encoder encoder_;
  FrameNumbers numbers_;
};

}  // namespace baton::testing
