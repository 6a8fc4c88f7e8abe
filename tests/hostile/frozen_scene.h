// A parent of PFrozen that means harm: it speaks raw frames to an honest child, in the same thread.
#pragma once

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>

#include "runtime/channel/frame_reader.h"
#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/process/frozen_actors.h"

namespace baton::testing {

namespace frozen = ::testing;

// Memory of the evil side's, that it maps and goes on mapping.
struct EvilMemory {
  explicit EvilMemory(std::uint64_t size)
      : memory(Must(platform::SharedMemory::Create("evil", size))) {
    std::ranges::fill(mapping.bytes(), std::byte{5});
    reference.id_high = 0x1234;  // issued by a parent
    reference.id_low = 0x5678;
    reference.size = size;
    reference.transfer = 1;
    reference.handle = 0;
  }

  platform::SharedMemory memory;
  platform::Mapping mapping = Must(memory.Map());
  wire::ShmemReference reference;
};

class FrozenScene {
 public:
  explicit FrozenScene(ChannelOptions options = {}) {
    options.ring_bytes = 0;  // all that the victim says comes by the socket
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Must(EndpointOf<frozen::PFrozenChild>(std::move(ends.second))
             .Bind(victim, io.get_executor(), options));
    Send(numbers_.ControlHeader(internal::FrameKind::kHello),
         EvilParent::HelloPayload(EvilParent::HelloOf(frozen::PFrozen::kProtocol)));
  }
  ~FrozenScene() {
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  void Send(internal::FrameHeader header, std::span<const std::byte> payload,
            std::span<const platform::Handle> handles = {}) {
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    header.handles = static_cast<std::uint16_t>(handles.size());
    const auto frame = EvilParent::FrameOf(header, payload);
    CHECK(Must(platform::SendSome(socket_, frame, natives)) == frame.size());
    Run();
  }

  // A message whose one reference to memory says what it likes.
  void SendMemory(const wire::Message& message, const wire::ShmemReference& reference,
                  std::span<const platform::Handle> handles) {
    const internal::FrameHeader header = numbers_.HeaderOf(message);
    // The codec looks at the addresses of memory alone, of whatever sort it is.
    const FrozenShmem empty;
    const std::uint8_t fill = 7;
    const void* const values[] = {&empty, &fill};
    const auto encoded = Must(encoder_.Encode(
        *message.parameters, std::span(values).first(message.parameters->rows.size()), 4096));
    for (const auto& hole : encoded.shared_memory) {
      std::memcpy(encoded.bytes.data() + hole.position, &reference, sizeof(reference));
    }
    Send(header, encoded.bytes, handles);
  }

  void SendUnmap(std::uint64_t call, const wire::ShmemReference& memory, std::uint64_t transfer) {
    const void* const values[] = {&memory.id_high, &memory.id_low, &transfer};
    const auto encoded = Must(encoder_.Encode(internal::kReleaseTable, values, 4096));
    internal::FrameHeader header = numbers_.ControlHeader(internal::FrameKind::kUnmap);
    header.call = call;
    const std::vector<std::byte> payload(encoded.bytes.begin(), encoded.bytes.end());
    Send(header, payload);
  }
  void SayUnmapped(std::uint64_t call) {
    internal::FrameHeader header = numbers_.ControlHeader(internal::FrameKind::kUnmapped);
    header.call = call;
    Send(header, {});
  }

  // --- What the victim has said ---------------------------------------------------------------
  struct Said {
    internal::FrameHeader header;
    std::vector<platform::Handle> handles;
  };
  // All frames of this kind that have come since the last call; others are dropped.
  std::vector<Said> Heard(internal::FrameKind kind) {
    std::vector<Said> heard;
    for (;;) {
      const auto received =
          platform::ReceiveSome(socket_, reader_.Space(), reader_.incoming_handles());
      if (!received || *received == 0) return heard;
      reader_.Commit(*received);
      while (Must(reader_.Head()) != nullptr) {
        internal::Frame frame = reader_.Take();
        if (frame.header.kind == kind) heard.push_back({frame.header, std::move(frame.handles)});
      }
    }
  }
  // The one that comes sooner or later.
  Said Await(internal::FrameKind kind) {
    io.restart();
    std::vector<Said> heard = Heard(kind);
    while (heard.empty() && io.run_one() > 0) heard = Heard(kind);
    REQUIRE(heard.size() == 1);
    return std::move(heard.front());
  }

  void HangUp() {
    socket_.Reset();
    io.restart();
    io.run();
  }
  void Run() {
    io.restart();
    io.poll();
  }
  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 1);
    CHECK(victim->close_error() == rule);
  }
  void ExpectAlive() {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 0);
    CHECK(victim->CanSend());
  }

  io_context io;
  std::shared_ptr<FrozenChild> victim = std::make_shared<FrozenChild>();

 private:
  platform::Handle socket_;
  wire::Encoder encoder_;
  internal::FrameReader reader_{internal::kMaxStreamPayload};
  FrameNumbers numbers_;
};

}  // namespace baton::testing
