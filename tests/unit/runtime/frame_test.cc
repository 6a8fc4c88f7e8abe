#include "runtime/channel/frame.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace baton::internal {
namespace {

constexpr std::size_t kLimit = 1000;

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
  const auto decoded = DecodeHeader(bytes, kLimit);
  return decoded ? std::error_code() : decoded.error();
}

TEST_CASE("a frame header comes back as it was") {
  const auto decoded = DecodeHeader(EncodeHeader(AMessage()), kLimit);
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
  CHECK(After(0, 0) == Rule::kFrameKind);
  CHECK(After(0, 7) == Rule::kFrameKind);
  CHECK(After(0, 255) == Rule::kFrameKind);
  CHECK(After(1, 0) == Rule::kFrameHeader);  // a message in the control lane
  CHECK(After(1, 2) == Rule::kFrameHeader);  // no such lane
  CHECK(After(3, 5) == Rule::kFrameHeader);  // 1283 handles
  CHECK(After(28, 1) == Rule::kUnknownActor);
  CHECK(After(32, 1) == Rule::kFrameHeader);  // another epoch
  CHECK(After(36, 2) == Rule::kFrameHeader);  // no such flag
}

TEST_CASE("fields that a kind of frame does not use are zero") {
  const auto kind = GENERATE(FrameKind::kHello, FrameKind::kRelease, FrameKind::kGoodbye);
  FrameHeader header;
  header.kind = kind;
  header.sequence = 1;
  CHECK(DecodeHeader(EncodeHeader(header), kLimit));

  FrameHeader with_message = header;
  with_message.message = 1;
  CHECK(DecodeHeader(EncodeHeader(with_message), kLimit).error() == Rule::kFrameHeader);
  FrameHeader with_handles = header;
  with_handles.handles = 2;  // a HELLO may have one
  CHECK(DecodeHeader(EncodeHeader(with_handles), kLimit).error() == Rule::kFrameHeader);
}

TEST_CASE("an answer names its question") {
  FrameHeader header = AMessage();
  header.kind = GENERATE(FrameKind::kReply, FrameKind::kReject);
  header.handles = 0;
  CHECK(DecodeHeader(EncodeHeader(header), kLimit));
  header.call = 0;
  CHECK(DecodeHeader(EncodeHeader(header), kLimit).error() == Rule::kFrameHeader);
}

}  // namespace
}  // namespace baton::internal
