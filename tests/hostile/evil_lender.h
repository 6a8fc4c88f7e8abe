// The other end of a loan, that means harm: it speaks raw frames to an EchoChild, which asks it for
// memory, or which it asks for some.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <baton/async.h>

#include "runtime/channel/frame_reader.h"
#include "runtime/channel/loans.h"
#include "runtime/channel/ring.h"
#include "runtime/wire/decoder.h"
#include "tests/hostile/evil_parent.h"

namespace baton::testing {

// A victim that makes no memory, and whose messages all go by the socket.
inline ChannelOptions VictimThatBorrows() {
  ChannelOptions options;
  options.memory_from = MemorySource::kPeer;
  options.ring_bytes = 0;
  return options;
}

inline ChannelOptions VictimThatLends() {
  ChannelOptions options;
  options.lends_memory = LendsMemory::kToAnyone;
  options.ring_bytes = 0;
  return options;
}

class EvilLender : public EvilParent {
 public:
  static constexpr std::uint64_t kSize = 4096;

  explicit EvilLender(const ChannelOptions& options) : EvilParent(options) { SayHello(); }

  // --- As a lender ----------------------------------------------------------------------------
  // An honest reference to new memory; tests change it.
  wire::ShmemReference Reference(std::uint16_t kind = wire::ShmemReference::kSafe) {
    wire::ShmemReference reference;
    reference.id_high = 0x1234;  // issued by a parent
    reference.id_low = ++last_id_;
    reference.size = kSize;
    reference.handle = 0;
    reference.kind = kind;
    reference.transfer = kind == wire::ShmemReference::kSafe ? 1 : 0;
    return reference;
  }

  static platform::Handle Memory(std::uint64_t size = kSize) {
    return Must(Must(platform::SharedMemory::Create("evil", size)).handle().Duplicate());
  }

  // Of the victim's n-th question.
  internal::FrameHeader AnswerTo(std::uint64_t question,
                                 const wire::Message& message = internal::kLoanOfShmem) {
    internal::FrameHeader header = ControlHeader(internal::FrameKind::kReply);
    header.message = message.id;
    header.call = internal::kLoanCall + question;
    return header;
  }

  std::vector<std::byte> LentPayload(const wire::ShmemReference& reference,
                                     const wire::Table& table = internal::kLentShmemTable) {
    Shmem safe;
    UnsafeShmem unsafe;
    const bool is_safe = &table == &internal::kLentShmemTable;
    const void* const values[] = {is_safe ? static_cast<const void*>(&safe) : &unsafe};
    const auto encoded = Must(lent_encoder_.Encode(table, values, 4096));
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &reference,
                sizeof(reference));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  void Lend(internal::FrameHeader header, std::span<const std::byte> payload,
            std::span<const platform::Handle> handles) {
    header.handles = static_cast<std::uint16_t>(handles.size());
    Send(FrameOf(header, payload), handles);
  }
  void LendHonestly(std::uint64_t question) {
    const platform::Handle handles[] = {Memory()};
    Lend(AnswerTo(question), LentPayload(Reference()), handles);
  }

  // The victim asks for this much; what becomes of it is in `results`.
  void VictimAsks(std::uint64_t size = kSize) {
    victim->AllocShmemAsync(size, [this](boost::system::error_code error, Shmem memory) {
      results.push_back(error);
      if (keeps && !error) kept.push_back(std::move(memory));
    });
    Run();
  }
  void VictimAsksForUnsafe(std::uint64_t size = kSize) {
    victim->AllocUnsafeShmemAsync(size,
                                  [this](boost::system::error_code error, UnsafeShmem memory) {
                                    results.push_back(error);
                                    if (keeps && !error) kept_unsafe.push_back(std::move(memory));
                                  });
    Run();
  }

  // --- As a borrower --------------------------------------------------------------------------
  internal::FrameHeader AskHeader(std::uint32_t what = 1) {
    internal::FrameHeader header = ControlHeader(internal::FrameKind::kAsk);
    header.message = what;
    header.call = internal::kLoanCall + ++last_ask_;
    return header;
  }
  std::vector<std::byte> AskPayload(std::uint64_t size) {
    const void* const values[] = {&size};
    return Encode(internal::kAskTable, values);
  }
  void Ask(std::uint64_t size, std::uint32_t what = 1) {
    Send(FrameOf(AskHeader(what), AskPayload(size)));
  }
  void Release(const wire::ShmemReference& reference, std::uint64_t transfer) {
    const void* const values[] = {&reference.id_high, &reference.id_low, &transfer};
    Send(FrameOf(ControlHeader(internal::FrameKind::kRelease),
                 Encode(internal::kReleaseTable, values)));
  }

  // --- What the victim has said ---------------------------------------------------------------
  struct Said {
    internal::FrameHeader header;
    std::vector<std::byte> payload;
    std::vector<platform::Handle> handles;
  };
  // All frames of this kind since the last call; others are dropped.
  std::vector<Said> Heard(internal::FrameKind kind) {
    Run();
    std::vector<Said> heard;
    for (;;) {
      const auto received =
          platform::ReceiveSome(socket(), reader_.Space(), reader_.incoming_handles());
      if (!received || *received == 0) return heard;
      reader_.Commit(*received);
      while (Must(reader_.Head()) != nullptr) {
        internal::Frame frame = reader_.Take();
        if (frame.header.kind != kind) continue;
        heard.push_back(
            {frame.header, {frame.payload.begin(), frame.payload.end()}, std::move(frame.handles)});
      }
      Run();
    }
  }
  // What the victim has lent with this frame.
  wire::ShmemReference ReferenceIn(const Said& lent) {
    Shmem safe;
    UnsafeShmem unsafe;
    const bool is_safe = lent.header.message == internal::kLoanOfShmem.id;
    void* const values[] = {is_safe ? static_cast<void*>(&safe) : &unsafe};
    const auto& table = is_safe ? internal::kLentShmemTable : internal::kLentUnsafeTable;
    const auto slots = Must(wire::Decode(table, lent.payload, values));
    REQUIRE(slots.size() == 1);
    return slots[0].reference;
  }

  bool keeps = true;
  std::vector<boost::system::error_code> results;
  std::vector<Shmem> kept;
  std::vector<UnsafeShmem> kept_unsafe;

 private:
  wire::Encoder lent_encoder_;
  internal::FrameReader reader_{internal::kMaxStreamPayload};
  std::uint64_t last_id_ = 0;
  std::uint64_t last_ask_ = 0;
};

}  // namespace baton::testing
