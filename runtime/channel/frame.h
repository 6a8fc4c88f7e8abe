// The frame header of docs/wire-format.md, section 1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::internal {

inline constexpr std::size_t kFrameHeaderSize = 40;
inline constexpr std::uint32_t kWireVersion = 2;

// Questions that one side may have asked without an answer. Since the asker counts until the answer
// has arrived, whoever is asked never sees more from an honest peer, and never has to stop reading.
inline constexpr std::size_t kMaxUnansweredCalls = 1024;

enum class Lane : std::uint8_t { kControl = 0, kData = 1 };

// Stands between frames of a stream, one byte long: look at the rings. No frame begins with it.
inline constexpr std::byte kDoorbell{0};

enum class FrameKind : std::uint8_t {
  kHello = 1,
  kMessage = 2,
  kReply = 3,
  kReject = 4,
  kRelease = 5,
  kGoodbye = 6,
};

struct FrameHeader {
  std::uint32_t length = 0;  // of the payload
  std::uint16_t handles = 0;
  Lane lane = Lane::kControl;
  FrameKind kind = FrameKind::kMessage;
  std::uint64_t sequence = 0;
  std::uint64_t after = 0;
  std::uint64_t call = 0;
  std::uint32_t message = 0;
  std::uint32_t actor = 0;
  std::uint32_t epoch = 0;
};

std::array<std::byte, kFrameHeaderSize> EncodeHeader(const FrameHeader& header);

// What one header says, checked by itself: kind, lane, fields that the kind does not use, length
// against `max_payload`. Errors: kFrameTooLarge, kFrameKind, kFrameHeader, kUnknownActor.
Result<FrameHeader> DecodeHeader(std::span<const std::byte, kFrameHeaderSize> bytes,
                                 std::size_t max_payload);

// A frame as it was received. The payload lies in the reader's private buffer and stays put until
// the reader is fed again.
struct Frame {
  FrameHeader header;
  std::span<const std::byte> payload;
  std::vector<platform::Handle> handles;
};

}  // namespace baton::internal
