#include "runtime/channel/frame.h"

#include <bit>
#include <cstring>

namespace baton::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire format is little-endian");

// The header as it lies on the wire.
struct RawHeader {
  std::uint8_t kind;
  std::uint8_t lane;
  std::uint16_t handles;
  std::uint32_t length;
  std::uint64_t sequence;
  std::uint64_t call_or_after;
  std::uint32_t message;
  std::uint32_t actor;
  std::uint32_t epoch;
  std::uint32_t flags;
};

RawHeader Unpack(const HeaderWords& words) {
  const auto low = [&](std::size_t word) { return static_cast<std::uint32_t>(words[word]); };
  const auto high = [&](std::size_t word) { return static_cast<std::uint32_t>(words[word] >> 32); };
  return {static_cast<std::uint8_t>(words[0]),
          static_cast<std::uint8_t>(words[0] >> 8),
          static_cast<std::uint16_t>(words[0] >> 16),
          high(0),
          words[1],
          words[2],
          low(3),
          high(3),
          low(4),
          high(4)};
}

bool IsHeartbeat(FrameKind kind) {
  return kind == FrameKind::kPing || kind == FrameKind::kPong;
}

// Of all but answers, which have that of their question.
Lane LaneOf(FrameKind kind) {
  switch (kind) {
    case FrameKind::kHello:
    case FrameKind::kRelease:
    case FrameKind::kGoodbye:
    case FrameKind::kPing:
    case FrameKind::kPong:
    case FrameKind::kAsk:
    case FrameKind::kTaken:
    case FrameKind::kKeep:
    case FrameKind::kUnmap:
    case FrameKind::kUnmapped: return Lane::kControl;
    case FrameKind::kMessage:
    case FrameKind::kReply:
    case FrameKind::kReject:
    case FrameKind::kConstruct:
    case FrameKind::kOpen:
    case FrameKind::kGone: return Lane::kData;
  }
  return Lane::kControl;
}

bool IsKind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(FrameKind::kHello) &&
         kind <= static_cast<std::uint8_t>(FrameKind::kUnmapped);
}

// Whether the fields that only some kinds use are set by those kinds alone.
bool FieldsFit(const RawHeader& raw, FrameKind kind) {
  const bool answers = IsAnswer(kind);
  const bool constructs = kind == FrameKind::kConstruct;
  const bool asks = kind == FrameKind::kAsk;
  const bool names_message = kind == FrameKind::kMessage || constructs || answers || asks;
  const bool has_values = kind == FrameKind::kMessage || constructs || kind == FrameKind::kReply;
  const bool keeps = kind == FrameKind::kKeep;
  const std::size_t most_handles = has_values                           ? kMaxMessageHandles
                                   : kind == FrameKind::kHello || keeps ? 1
                                                                        : 0;
  const bool is_carried = (raw.flags & kCarried) != 0;
  const std::uint32_t question = raw.flags & (kSync | kNested | kInside);
  const bool is_question = constructs || (kind == FrameKind::kMessage && raw.call_or_after != 0);
  if (names_message != (raw.message != 0)) return false;
  const bool unmaps = kind == FrameKind::kUnmap || kind == FrameKind::kUnmapped;
  if ((answers || asks || unmaps || IsHeartbeat(kind)) && raw.call_or_after == 0) return false;
  if (asks && raw.actor != 0) return false;
  if (keeps && raw.handles != 1) return false;
  if (is_carried && (!has_values || raw.handles == 0 || raw.length != kCarriedPayload))
    return false;
  const bool is_empty =
      kind == FrameKind::kGoodbye || kind == FrameKind::kUnmapped || IsHeartbeat(kind);
  if (is_empty && raw.length != 0) return false;
  if (kind == FrameKind::kGone && raw.call_or_after != 0) return false;
  if (question != 0 && (!is_question || (question & kSync) == 0)) return false;
  if ((raw.flags & ~(kCarried | kSync | kNested | kInside)) != 0) return false;
  return raw.handles <= most_handles + (is_carried ? 1 : 0);
}

}  // namespace

std::array<std::byte, kFrameHeaderSize> EncodeHeader(const FrameHeader& header) {
  return std::bit_cast<std::array<std::byte, kFrameHeaderSize>>(EncodeHeaderWords(header));
}

Result<void> DecodeHeaderWords(const HeaderWords& words, std::size_t max_payload,
                               FrameHeader& header) {
  const RawHeader raw = Unpack(words);
  if (!IsKind(raw.kind)) return Fail(Rule::kFrameKind);
  const auto kind = static_cast<FrameKind>(raw.kind);
  const bool has_call = IsAnswer(kind) || IsHeartbeat(kind) || IsAboutMemory(kind) ||
                        kind == FrameKind::kUnmapped || LaneOf(kind) == Lane::kData;
  const bool is_answer_on_control = IsAnswer(kind) && raw.lane == 0;
  const Lane lane = is_answer_on_control ? Lane::kControl : LaneOf(kind);
  if (raw.lane != static_cast<std::uint8_t>(lane)) return Fail(Rule::kFrameHeader);
  if (raw.length > max_payload) return Fail(Rule::kFrameTooLarge);
  if (!FieldsFit(raw, kind)) return Fail(Rule::kFrameHeader);
  const bool has_actor = IsAnswer(kind) || LaneOf(kind) == Lane::kData;
  if (raw.actor != 0 && !has_actor) return Fail(Rule::kUnknownActor);
  header.length = raw.length;
  header.handles = raw.handles;
  header.lane = lane;
  header.kind = kind;
  header.sequence = raw.sequence;
  header.after = has_call ? 0 : raw.call_or_after;
  header.call = has_call ? raw.call_or_after : 0;
  header.message = raw.message;
  header.actor = raw.actor;
  header.epoch = raw.epoch;
  header.flags = raw.flags;
  return {};
}

Result<FrameHeader> DecodeHeader(std::span<const std::byte, kFrameHeaderSize> bytes,
                                 std::size_t max_payload) {
  HeaderWords words;
  std::memcpy(words.data(), bytes.data(), bytes.size());
  FrameHeader header;
  BATON_CHECKED(DecodeHeaderWords(words, max_payload, header));
  return header;
}

}  // namespace baton::internal
