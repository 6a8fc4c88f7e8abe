// Lies in frames, in HELLO and in messages.
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using internal::Lane;
namespace PEcho = ::testing::PEcho;

std::vector<std::byte> CountPayload(EvilParent& evil) {
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  return evil.Encode(*PEcho::kCount.parameters, values);
}

TEST_CASE("hostile: an honest raw peer is believed, so that the lies below are what is refused") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), CountPayload(evil)));
  evil.ExpectAlive();
  CHECK(evil.victim->traffic().bytes_sent > 48);
}

TEST_CASE("hostile: something else before HELLO") {
  const Guarded guarded;
  EvilParent evil;
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), CountPayload(evil)));
  evil.ExpectFault(Rule::kHelloExpected);
}

TEST_CASE("hostile: HELLO twice") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  evil.SayHello();
  evil.ExpectFault(Rule::kHelloTwice);
}

TEST_CASE("hostile: a HELLO that does not fit") {
  const Guarded guarded;
  EvilParent evil;
  auto hello = EvilParent::HonestHello();
  Rule rule = Rule::kSchemaMismatch;
  SECTION("another wire version") {
    hello.wire_version = internal::kWireVersion + 1;
    rule = Rule::kWireVersion;
  }
  SECTION("another protocol") {
    hello.protocol = "testing::POther\x1b[2J";
    rule = Rule::kProtocolMismatch;
  }
  SECTION("our own side") {
    hello.side = static_cast<std::uint8_t>(Side::kChild);
    rule = Rule::kProtocolMismatch;
  }
  SECTION("another hash") {
    hello.schema_hash ^= 1;
  }
  evil.Send(EvilParent::FrameOf(evil.ControlHeader(FrameKind::kHello), evil.HelloPayload(hello)));
  evil.ExpectFault(rule);
  CHECK(evil.victim->close_detail().find('\x1b') == std::string::npos);
  if (rule == Rule::kSchemaMismatch) {
    CHECK_THAT(evil.victim->close_detail(), Catch::Contains("testing::PEcho") &&
                                                Catch::Contains(" here, ") &&
                                                Catch::Contains(" there"));
  }
}

TEST_CASE("hostile: headers that lie") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto payload = CountPayload(evil);
  FrameHeader header = evil.HeaderOf(PEcho::kCount);
  Rule rule = Rule::kFrameHeader;
  SECTION("an unknown message") {
    header.message = 0xdeadbeef;
    rule = Rule::kUnknownMessage;
  }
  SECTION("a message of the other direction") {
    header.message = PEcho::kCounted.id;
    rule = Rule::kUnknownMessage;
  }
  SECTION("an unknown actor") {
    header.actor = 1;
    rule = Rule::kUnknownActor;
  }
  SECTION("a gap in the sequence") {
    ++header.sequence;
    rule = Rule::kSequence;
  }
  SECTION("the largest sequence there is") {
    header.sequence = ~std::uint64_t{0};
    rule = Rule::kSequence;
  }
  SECTION("a question where none is") {
    header.call = 1;
  }
  SECTION("a lane that the kind has not") {
    header.lane = Lane::kControl;
  }
  SECTION("more handles than any message has") {
    header.handles = 65535;
  }
  SECTION("handles that are not there") {
    header.handles = 1;
    rule = Rule::kHandleCount;
  }
  SECTION("an answer to nothing") {
    header.kind = FrameKind::kReply;
    header.call = 77;
    rule = Rule::kUnknownCall;
  }
  SECTION("a refusal of nothing") {
    header.kind = FrameKind::kReject;
    header.call = 77;
    const internal::Rejection rejection = {1, 1};
    const void* const values[] = {&rejection.space, &rejection.value};
    payload = evil.Encode(internal::kRejectTable, values);
    rule = Rule::kUnknownCall;
  }
  SECTION("a release of nothing") {
    header = evil.ControlHeader(FrameKind::kRelease);
    const std::uint64_t number = 5;
    const void* const values[] = {&number, &number, &number};
    payload = evil.Encode(internal::kReleaseTable, values);
    rule = Rule::kShmemId;
  }
  evil.Send(EvilParent::FrameOf(header, payload));
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: a question asked twice, or out of order") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const auto payload = evil.Encode(*PEcho::kIgnore.parameters, {});
  FrameHeader first = evil.HeaderOf(PEcho::kIgnore);
  FrameHeader again = evil.HeaderOf(PEcho::kIgnore);
  again.call = first.call;
  evil.Send(EvilParent::FrameOf(first, payload));
  evil.ExpectAlive();
  evil.Send(EvilParent::FrameOf(again, payload));
  evil.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile: a flood of questions that nobody answers") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const auto payload = evil.Encode(*PEcho::kIgnore.parameters, {});
  for (int i = 0; i < 1024; ++i) {
    evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kIgnore), payload));
  }
  evil.ExpectAlive();
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kIgnore), payload));
  evil.ExpectFault(Rule::kQuota);
}

TEST_CASE("hostile: a flood of questions by a peer that reads no answer") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  EvilParent evil;
  evil.SayHello();
  // Large enough that the socket cannot take all the answers.
  const std::string text(60'000, 'x');
  const void* const values[] = {&text};
  const auto payload = evil.Encode(*PEcho::kEcho.parameters, values);
  for (int i = 0; i < 1100 && evil.victim->destroyed == 0; ++i) {
    evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kEcho), payload));
    evil.Run();
  }
  evil.ExpectFault(Rule::kQuota);
}

TEST_CASE("hostile: a frame that ends too early, at every byte") {
  const Guarded guarded;
  EvilParent probe;
  const auto whole = EvilParent::FrameOf(probe.HeaderOf(PEcho::kCount), CountPayload(probe));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    EvilParent evil;
    evil.SayHello();
    evil.Send(std::span(whole).first(length));
    evil.HangUp();
    evil.ExpectDeath();
    CHECK_THAT(evil.victim->close_detail(), Catch::Contains("inside a message"));
  }
}

TEST_CASE("hostile: a frame of four gigabytes") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  FrameHeader header = evil.HeaderOf(PEcho::kCount);
  header.length = 0xffffffff;
  evil.Send(internal::EncodeHeader(header));
  evil.ExpectFault(Rule::kFrameTooLarge);
}

TEST_CASE("hostile: payloads that are no message") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  std::vector<std::byte> payload;
  SECTION("nothing") {}
  SECTION("all ones") {
    payload.assign(64, std::byte{0xff});
  }
  SECTION("a message cut in half") {
    payload = CountPayload(evil);
    payload.resize(payload.size() / 2);
  }
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), payload));
  evil.ExpectFault(Rule::kMalformed);
}

TEST_CASE("hostile: an enumerator that is none, and text that is not UTF-8") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const ::testing::Note note = {"ABCDEFGH", {}, ::testing::Mood::kBusy, std::nullopt};
  const void* const values[] = {&note};
  auto payload = evil.Encode(*PEcho::kDescribe.parameters, values);
  Rule rule = Rule::kEnumValue;
  SECTION("an enumerator") {
    const auto mood = std::ranges::find(payload, std::byte{4}, {});
    // The only byte 4 that is a lone enumerator is found by trying them all.
    bool seen = false;
    for (auto at = mood; at != payload.end() && !seen; ++at) {
      if (*at != std::byte{4}) continue;
      auto forged = payload;
      forged[static_cast<std::size_t>(at - payload.begin())] = std::byte{3};
      EvilParent other;
      other.SayHello();
      other.Send(EvilParent::FrameOf(other.HeaderOf(PEcho::kDescribe), forged));
      other.Run();
      seen = other.victim->destroyed == 1 && other.victim->close_error() == rule;
    }
    CHECK(seen);
    return;
  }
  SECTION("text") {
    const std::string text = "ABCDEFGH";
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    const auto found = std::search(payload.begin(), payload.end(), begin, begin + text.size());
    REQUIRE(found != payload.end());
    *found = std::byte{0xff};
    rule = Rule::kNotUtf8;
  }
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kDescribe), payload));
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: every byte of a conversation changed, one at a time") {
  const Guarded guarded;
  std::vector<std::byte> conversation;
  {
    EvilParent honest;
    const auto append = [&](const std::vector<std::byte>& frame) {
      conversation.insert(conversation.end(), frame.begin(), frame.end());
    };
    append(EvilParent::FrameOf(honest.ControlHeader(FrameKind::kHello),
                               honest.HelloPayload(EvilParent::HonestHello())));
    const ::testing::Note note = {"text", {1, 2, 3}, ::testing::Mood::kCalm, "author"};
    const void* const values[] = {&note};
    append(EvilParent::FrameOf(honest.HeaderOf(PEcho::kDescribe),
                               honest.Encode(*PEcho::kDescribe.parameters, values)));
  }
  std::mt19937 random(42);
  for (std::size_t at = 0; at < conversation.size(); ++at) {
    auto forged = conversation;
    forged[at] ^= static_cast<std::byte>(1 + random() % 255);
    EvilParent evil;
    evil.Send(forged);
    evil.Run();
    const std::error_code error = evil.victim->close_error();
    INFO("byte " << at << ": " << evil.victim->close_detail());
    CHECK((evil.victim->destroyed == 0 || error == Cause::kPeerFault));
  }
}

}  // namespace
}  // namespace baton::testing
