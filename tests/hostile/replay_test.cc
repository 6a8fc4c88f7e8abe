// What was said once is said again, says a little else, or stops in the middle.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
namespace PEcho = ::testing::PEcho;

constexpr std::uint64_t kSizeReplayed = 4096;
constexpr std::uint64_t kLabel = 7;

ChannelOptions ReplayWithoutRing() {
  ChannelOptions options;
  options.ring_bytes = 0;
  options.trust_label = kLabel;
  return options;
}

struct Captured {
  std::vector<std::byte> bytes;
  std::vector<platform::Handle> handles = {};
};

Captured CapturedHello(EvilParent& evil) {
  const auto payload = evil.HelloPayload(EvilParent::HonestHello());
  return {EvilParent::FrameOf(evil.ControlHeader(FrameKind::kHello), payload)};
}

Captured CapturedCount(EvilParent& evil) {
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  const auto payload = evil.Encode(*PEcho::kCount.parameters, values);
  return {EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), payload)};
}

Captured CapturedQuestion(EvilParent& evil) {
  const std::string text = "who?";
  const void* const values[] = {&text};
  const auto payload = evil.Encode(*PEcho::kEcho.parameters, values);
  return {EvilParent::FrameOf(evil.HeaderOf(PEcho::kEcho), payload)};
}

Captured CapturedMemory(EvilParent& evil) {
  wire::ShmemReference reference;
  reference.id_high = 1;
  reference.id_low = 2;
  reference.size = kSizeReplayed;
  reference.transfer = 1;
  reference.handle = 0;
  auto header = evil.HeaderOf(PEcho::kKeep);
  header.handles = 1;
  Captured captured = {EvilParent::FrameOf(header, evil.FillPayload(reference))};
  const auto memory = Must(platform::SharedMemory::Create("captured", kSizeReplayed));
  captured.handles.push_back(Must(memory.handle().Duplicate()));
  return captured;
}

// A frame of each sort that a parent may send.
std::vector<Captured> Conversation(EvilParent& evil) {
  std::vector<Captured> frames;
  frames.push_back(CapturedHello(evil));
  frames.push_back(CapturedCount(evil));
  frames.push_back(CapturedQuestion(evil));
  frames.push_back(CapturedMemory(evil));
  return frames;
}

TEST_CASE("hostile: a frame that was seen before is refused, whichever it is") {
  const Guarded guarded;
  for (std::size_t again = 0; again < 4; ++again) {
    INFO("frame " << again);
    EvilParent evil(ReplayWithoutRing());
    const auto frames = Conversation(evil);
    REQUIRE(frames.size() == 4);
    for (const Captured& frame : frames) evil.Send(frame.bytes, frame.handles);
    evil.ExpectAlive();
    CHECK(evil.victim->statistics().messages_received == 3);
    evil.Send(frames[again].bytes, frames[again].handles);
    evil.ExpectFault(Rule::kSequence);
    CHECK(evil.victim->statistics().messages_received == 3);
  }
}

// The rule that a flipped bit of this byte breaks; none where it depends on the bit.
std::optional<Rule> RuleOfHeaderByte(std::size_t at) {
  if (at >= 8 && at < 16) return Rule::kSequence;
  if (at >= 24 && at < 28) return Rule::kUnknownMessage;
  if (at >= 28 && at < 32) return Rule::kUnknownActor;
  if (at >= 32 && at < 36) return Rule::kEpoch;
  return std::nullopt;
}

TEST_CASE("hostile: every bit of a header flipped, one at a time") {
  const Guarded guarded;
  const bool is_question = GENERATE(false, true);
  for (std::size_t bit = 0; bit < internal::kFrameHeaderSize * 8; ++bit) {
    INFO("bit " << bit << (is_question ? " of a question" : " of a message"));
    EvilParent evil(ReplayWithoutRing());
    evil.SayHello();
    Captured frame = is_question ? CapturedQuestion(evil) : CapturedCount(evil);
    frame.bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    evil.Send(frame.bytes);
    evil.Run();
    CHECK(evil.victim->trust_label() == kLabel);
    if (const auto rule = RuleOfHeaderByte(bit / 8)) {
      evil.ExpectFault(*rule);
    } else if (evil.victim->destroyed == 1) {
      CHECK(evil.victim->close_error() == Cause::kPeerFault);
    } else {  // it waits for more bytes, or the question has another number
      const bool is_length = bit / 8 >= 4 && bit / 8 < 8;
      const bool is_call = bit / 8 >= 16 && bit / 8 < 24;
      CHECK((is_length || (is_call && is_question)));
      CHECK(evil.victim->statistics().messages_received == (is_call ? 1 : 0));
    }
  }
}

TEST_CASE("hostile: a HELLO that stops at any byte ends at the handshake deadline") {
  const Guarded guarded;
  ChannelOptions options = ReplayWithoutRing();
  EvilParent probe(options);
  const auto whole = CapturedHello(probe).bytes;
  options.handshake_deadline = std::chrono::milliseconds(1);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length << " bytes");
    EvilParent evil(options);
    evil.Send(std::span(whole).first(length));
    evil.io.restart();
    while (evil.victim->destroyed == 0 && evil.io.run_one() > 0) {
    }
    evil.ExpectFault(Rule::kHelloDeadline);
  }
}

}  // namespace
}  // namespace baton::testing
