// The frame header of docs/wire-format.md, section 1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/frozen_memory.h>
#include <baton/platform/handle.h>

namespace baton::internal {

inline constexpr std::size_t kFrameHeaderSize = 40;
inline constexpr std::uint32_t kWireVersion = 5;

// Questions that one side may have asked without an answer. Since the asker counts until the answer
// has arrived, whoever is asked never sees more from an honest peer, and never has to stop reading.
inline constexpr std::size_t kMaxUnansweredCalls = 1024;

enum class Lane : std::uint8_t { kControl = 0, kData = 1 };

// Payloads that travel in the stream: 64 KiB, and what FlatBuffers needs around them. What is
// larger lies in frozen memory of its own.
inline constexpr std::size_t kMaxStreamPayload = std::size_t{65} << 10;

// Handles of one message; a frame may have one more, of the memory that its payload lies in.
inline constexpr std::size_t kMaxMessageHandles = 1024;

// Stands between frames of a stream, one byte long: look at the rings. No frame begins with it.
inline constexpr std::byte kDoorbell{0};

enum class FrameKind : std::uint8_t {
  kHello = 1,
  kMessage = 2,
  kReply = 3,
  kReject = 4,
  kRelease = 5,
  kGoodbye = 6,
  kConstruct = 7,
  kOpen = 8,
  kGone = 9,
  kPing = 10,
  kPong = 11,
  kAsk = 12,
  kTaken = 13,
  kKeep = 14,
  kUnmap = 15,
  kUnmapped = 16,
};

struct FrameHeader {
  std::uint32_t length = 0;  // of the payload
  std::uint16_t handles = 0;
  Lane lane = Lane::kControl;
  FrameKind kind = FrameKind::kMessage;
  std::uint64_t sequence = 0;
  std::uint64_t after = 0;  // of control but for kAsk, kUnmap and answers
  // Of data, kAsk, kUnmap and answers; of kConstruct and kOpen the new actor's id; of kPing and
  // kPong the ping's.
  std::uint64_t call = 0;
  std::uint32_t message = 0;
  std::uint32_t actor = 0;
  std::uint32_t epoch = 0;
  std::uint32_t flags = 0;
};

// A flag: the payload lies in frozen memory, whose handle comes first; in its place stands its
// length, as 8 bytes.
inline constexpr std::uint32_t kCarried = 1;
inline constexpr std::size_t kCarriedPayload = sizeof(std::uint64_t);

// Flags of a question: its sender waits for the answer, which comes on the control lane; it may be
// handled while its receiver waits; it was sent while its sender handled a sync question.
inline constexpr std::uint32_t kSync = 2;
inline constexpr std::uint32_t kNested = 4;
inline constexpr std::uint32_t kInside = 8;

std::array<std::byte, kFrameHeaderSize> EncodeHeader(const FrameHeader& header);

// What one header says, checked by itself: kind, lane, fields that the kind does not use, length
// against `max_payload`. Errors: kFrameTooLarge, kFrameKind, kFrameHeader, kUnknownActor.
Result<FrameHeader> DecodeHeader(std::span<const std::byte, kFrameHeaderSize> bytes,
                                 std::size_t max_payload);

// Both once more for words of the wire, little-endian, from registers and into their place: bytes
// that are written one by one and read as words at once make the processor wait, for longer than
// all else that a ring does. After an error `header` is of no use.
using HeaderWords = std::array<std::uint64_t, kFrameHeaderSize / sizeof(std::uint64_t)>;

inline HeaderWords EncodeHeaderWords(const FrameHeader& header) {
  const auto wide = [](auto value) { return static_cast<std::uint64_t>(value); };
  return {wide(header.kind) | wide(header.lane) << 8 | wide(header.handles) << 16 |
              wide(header.length) << 32,
          header.sequence, header.call | header.after,  // at most one is not 0
          header.message | wide(header.actor) << 32, header.epoch | wide(header.flags) << 32};
}

Result<void> DecodeHeaderWords(const HeaderWords& words, std::size_t max_payload,
                               FrameHeader& header);

// The same for what most frames are: a message of the top-level actor, without handles. False: ask
// DecodeHeaderWords.
inline bool DecodePlainMessage(const HeaderWords& words, std::size_t max_payload,
                               FrameHeader& header) {
  constexpr std::uint32_t kPlain = static_cast<std::uint32_t>(FrameKind::kMessage) |
                                   static_cast<std::uint32_t>(Lane::kData) << 8;
  const bool is_message = static_cast<std::uint32_t>(words[0]) == kPlain && words[3] != 0;
  if (!is_message || words[3] >> 32 != 0 || words[4] >> 32 != 0) return false;
  if (words[0] >> 32 > max_payload) return false;
  header = {.length = static_cast<std::uint32_t>(words[0] >> 32),
            .lane = Lane::kData,
            .kind = FrameKind::kMessage,
            .sequence = words[1],
            .call = words[2],
            .message = static_cast<std::uint32_t>(words[3]),
            .epoch = static_cast<std::uint32_t>(words[4])};
  return true;
}

// A frame as it was received. The payload stays put until the next frame is asked for.
struct Frame {
  FrameHeader header;
  std::span<const std::byte> payload = {};
  // The payload lies in the ring, where the peer can still change it: each byte may be read once,
  // or Inbox::MakePrivate first. Otherwise nobody can: a private buffer, or `carried`.
  bool may_change = false;
  std::vector<platform::Handle> handles = {};
  platform::FrozenMapping carried = {};
  std::error_code shortage = {};  // why a carried payload could not be had here
  bool has_waited = false;        // and its call has been counted
  bool is_early = false;          // data that was sent before it has not been dispatched yet
};

inline bool IsAnswer(FrameKind kind) {
  return kind == FrameKind::kReply || kind == FrameKind::kReject;
}

// A question about memory, which the runtime itself asks and answers.
inline bool IsAboutMemory(FrameKind kind) {
  return kind == FrameKind::kAsk || kind == FrameKind::kUnmap;
}

// The n-th question about memory has the number kLoanCall + n: control overtakes data, whose
// numbers ascend by themselves.
inline constexpr std::uint64_t kLoanCall = std::uint64_t{1} << 62;
inline bool IsLoanCall(std::uint64_t call) {
  return (call & (kLoanCall | kLoanCall << 1)) == kLoanCall;
}

// The question of a sync constructor has the number kConstructorCall + the new actor's id, since
// its `call` is that id. Those of all others are smaller than either.
inline constexpr std::uint64_t kConstructorCall = std::uint64_t{1} << 63;
inline bool IsConstructorCall(std::uint64_t call) {
  return (call & kConstructorCall) != 0;
}

inline bool IsQuestion(const FrameHeader& header) {
  if (header.kind == FrameKind::kConstruct) return (header.flags & kSync) != 0;
  return header.kind == FrameKind::kMessage && header.call != 0;
}

// Of a question: its number, and the actor that its answer names.
inline std::uint64_t QuestionOf(const FrameHeader& header) {
  return header.kind == FrameKind::kConstruct ? kConstructorCall | header.call : header.call;
}
inline std::uint32_t AskerOf(const FrameHeader& header) {
  return header.kind == FrameKind::kConstruct ? static_cast<std::uint32_t>(header.call)
                                              : header.actor;
}

inline bool MakesActor(const FrameHeader& header) {
  return header.kind == FrameKind::kConstruct || header.kind == FrameKind::kOpen;
}

}  // namespace baton::internal
