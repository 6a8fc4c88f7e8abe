#include "runtime/channel/frame.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace baton::internal {
namespace {

constexpr std::size_t kFrameLimit = 1000;

FrameHeader AMessage() {
  FrameHeader header;
  header.length = 12;
  header.handles = 3;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.sequence = 0x1122334455667788;
  header.call = 9;
  header.message = 0xabcdef01;
  return header;
}

// The error that a header gets after the byte at `offset` was set.
std::error_code After(std::size_t offset, unsigned value) {
  auto bytes = EncodeHeader(AMessage());
  bytes[offset] = static_cast<std::byte>(value);
  const auto decoded = DecodeHeader(bytes, kFrameLimit);
  return decoded ? std::error_code() : decoded.error();
}

TEST_CASE("a frame header comes back as it was") {
  const auto decoded = DecodeHeader(EncodeHeader(AMessage()), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->length == 12);
  CHECK(decoded->handles == 3);
  CHECK(decoded->lane == Lane::kData);
  CHECK(decoded->kind == FrameKind::kMessage);
  CHECK(decoded->sequence == 0x1122334455667788);
  CHECK(decoded->call == 9);
  CHECK(decoded->message == 0xabcdef01);
}

TEST_CASE("a frame header lies on the wire as the page says") {
  const auto bytes = EncodeHeader(AMessage());
  CHECK(bytes.size() == 40);
  CHECK(bytes[0] == std::byte{2});
  CHECK(bytes[1] == std::byte{1});
  CHECK(bytes[2] == std::byte{3});
  CHECK(bytes[4] == std::byte{12});
  CHECK(bytes[8] == std::byte{0x88});
  CHECK(bytes[16] == std::byte{9});
  CHECK(bytes[24] == std::byte{0x01});
}

TEST_CASE("a frame header that contradicts itself is refused by rule") {
  CHECK(After(5, 0x80) == Rule::kFrameTooLarge);
  CHECK(After(0, 0) == Rule::kFrameKind);  // a doorbell
  CHECK(After(0, 17) == Rule::kFrameKind);
  CHECK(After(0, 255) == Rule::kFrameKind);
  CHECK(After(1, 0) == Rule::kFrameHeader);    // a message in the control lane
  CHECK(After(1, 2) == Rule::kFrameHeader);    // no such lane
  CHECK(After(3, 1) == std::error_code());     // 259 handles
  CHECK(After(3, 4) == Rule::kFrameHeader);    // 1027
  CHECK(After(28, 1) == std::error_code());    // a managed actor
  CHECK(After(32, 1) == std::error_code());    // an epoch
  CHECK(After(36, 1) == Rule::kFrameHeader);   // carried, and 12 bytes long
  CHECK(After(36, 2) == std::error_code());    // a sync question
  CHECK(After(36, 4) == Rule::kFrameHeader);   // nested, and not sync
  CHECK(After(36, 16) == Rule::kFrameHeader);  // no such flag
  CHECK(After(39, 128) == Rule::kFrameHeader);
}

TEST_CASE("a carried payload has one handle more, and its length in its place") {
  FrameHeader header = AMessage();
  header.kind = GENERATE(FrameKind::kMessage, FrameKind::kReply);
  header.flags = kCarried;
  header.length = kCarriedPayload;
  header.handles = GENERATE(1, kMaxMessageHandles + 1);
  const auto decoded = DecodeHeader(EncodeHeader(header), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->flags == kCarried);
  CHECK(decoded->handles == header.handles);

  FrameHeader without = header;
  without.handles = 0;
  CHECK(DecodeHeader(EncodeHeader(without), kFrameLimit).error() == Rule::kFrameHeader);
  FrameHeader too_many = header;
  too_many.handles = kMaxMessageHandles + 2;
  CHECK(DecodeHeader(EncodeHeader(too_many), kFrameLimit).error() == Rule::kFrameHeader);
  FrameHeader long_one = header;
  long_one.length = kCarriedPayload + 1;
  CHECK(DecodeHeader(EncodeHeader(long_one), kFrameLimit).error() == Rule::kFrameHeader);
  FrameHeader refusal = header;
  refusal.kind = FrameKind::kReject;
  CHECK(DecodeHeader(EncodeHeader(refusal), kFrameLimit).error() == Rule::kFrameHeader);
}

TEST_CASE("fields that a kind of frame does not use are zero") {
  const auto kind = GENERATE(FrameKind::kHello, FrameKind::kRelease, FrameKind::kGoodbye);
  FrameHeader header;
  header.kind = kind;
  header.sequence = 1;
  CHECK(DecodeHeader(EncodeHeader(header), kFrameLimit));

  FrameHeader with_message = header;
  with_message.message = 1;
  CHECK(DecodeHeader(EncodeHeader(with_message), kFrameLimit).error() == Rule::kFrameHeader);
  FrameHeader with_flags = header;
  with_flags.flags = kCarried;
  with_flags.length = kCarriedPayload;
  with_flags.handles = 1;
  CHECK(DecodeHeader(EncodeHeader(with_flags), kFrameLimit).error() == Rule::kFrameHeader);
  FrameHeader with_handles = header;  // HELLO brings a ring
  with_handles.handles = kind == FrameKind::kHello ? 2 : 1;
  CHECK(DecodeHeader(EncodeHeader(with_handles), kFrameLimit).error() == Rule::kFrameHeader);
}

TEST_CASE("to unmap memory is a question of control, and so is its answer") {
  FrameHeader header;
  header.kind = GENERATE(FrameKind::kUnmap, FrameKind::kUnmapped);
  header.sequence = 1;
  CHECK(DecodeHeader(EncodeHeader(header), kFrameLimit).error() ==
        Rule::kFrameHeader);  // of no number
  header.call = kLoanCall + 1;
  header.length = header.kind == FrameKind::kUnmap ? 40 : 0;
  const auto decoded = DecodeHeader(EncodeHeader(header), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->call == header.call);
  CHECK(decoded->after == 0);
  FrameHeader other = header;
  other.lane = Lane::kData;
  CHECK(DecodeHeader(EncodeHeader(other), kFrameLimit).error() == Rule::kFrameHeader);
  other = header;
  other.message = 1;
  CHECK(DecodeHeader(EncodeHeader(other), kFrameLimit).error() == Rule::kFrameHeader);
  other = header;
  other.handles = 1;
  CHECK(DecodeHeader(EncodeHeader(other), kFrameLimit).error() == Rule::kFrameHeader);
  other = header;
  other.actor = 1;
  CHECK(DecodeHeader(EncodeHeader(other), kFrameLimit).error() == Rule::kUnknownActor);
  if (header.kind == FrameKind::kUnmap) return;
  other = header;
  other.length = 1;
  CHECK(DecodeHeader(EncodeHeader(other), kFrameLimit).error() == Rule::kFrameHeader);
}

TEST_CASE("only an introduction may bring a handle, that of the ring") {
  FrameHeader header;
  header.kind = FrameKind::kHello;
  header.handles = 1;
  header.sequence = 1;
  const auto decoded = DecodeHeader(EncodeHeader(header), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->handles == 1);
}

TEST_CASE("one place of the header is a call in data and a data number in control") {
  const auto data = DecodeHeader(EncodeHeader(AMessage()), kFrameLimit);
  REQUIRE(data);
  CHECK(data->call == 9);
  CHECK(data->after == 0);
  FrameHeader goodbye;
  goodbye.kind = FrameKind::kGoodbye;
  goodbye.after = 9;
  const auto control = DecodeHeader(EncodeHeader(goodbye), kFrameLimit);
  REQUIRE(control);
  CHECK(control->call == 0);
  CHECK(control->after == 9);
}

TEST_CASE("an answer is of either lane, and names its question in both") {
  FrameHeader header = AMessage();
  header.kind = GENERATE(FrameKind::kReply, FrameKind::kReject);
  header.lane = GENERATE(Lane::kControl, Lane::kData);
  header.handles = 0;
  header.actor = 5;
  const auto decoded = DecodeHeader(EncodeHeader(header), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->lane == header.lane);
  CHECK(decoded->call == 9);
  CHECK(decoded->after == 0);
  CHECK(decoded->actor == 5);
}

TEST_CASE("only a question, or a constructor, is marked as sync") {
  FrameHeader header = AMessage();
  header.kind = GENERATE(FrameKind::kMessage, FrameKind::kConstruct);
  header.handles = 0;
  header.flags = kSync + GENERATE(0U, 4U, 8U, 12U);  // nested, inside
  const auto decoded = DecodeHeader(EncodeHeader(header), kFrameLimit);
  REQUIRE(decoded);
  CHECK(decoded->flags == header.flags);
  CHECK(IsQuestion(*decoded));
  SECTION("not what nobody answers") {
    header.kind = FrameKind::kMessage;
    header.call = 0;
  }
  SECTION("nor an answer") {
    header.kind = FrameKind::kReply;
  }
  SECTION("nor what opens an endpoint") {
    header.kind = FrameKind::kOpen;
    header.message = 0;
  }
  SECTION("nor nested without that") {
    header.flags = 4;
  }
  CHECK(DecodeHeader(EncodeHeader(header), kFrameLimit).error() == Rule::kFrameHeader);
}

TEST_CASE("the question of a constructor has a number that no message has") {
  FrameHeader header = AMessage();
  header.kind = FrameKind::kConstruct;
  header.call = 9;
  header.actor = 5;
  CHECK_FALSE(IsQuestion(header));
  header.flags = kSync;
  CHECK(IsQuestion(header));
  CHECK(IsConstructorCall(QuestionOf(header)));
  CHECK(AskerOf(header) == 9);
  header.kind = FrameKind::kMessage;
  CHECK(QuestionOf(header) == 9);
  CHECK_FALSE(IsConstructorCall(QuestionOf(header)));
  CHECK(AskerOf(header) == 5);
}

TEST_CASE("an answer names its question") {
  FrameHeader header = AMessage();
  header.kind = GENERATE(FrameKind::kReply, FrameKind::kReject);
  header.handles = 0;
  CHECK(DecodeHeader(EncodeHeader(header), kFrameLimit));
  header.call = 0;
  CHECK(DecodeHeader(EncodeHeader(header), kFrameLimit).error() == Rule::kFrameHeader);
}

}  // namespace
}  // namespace baton::internal
