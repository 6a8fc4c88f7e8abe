// Numbers of frames over the two paths, ends in the middle, and a flood.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using internal::Lane;
namespace PEcho = ::testing::PEcho;

TEST_CASE("hostile: numbers that go from one path to the other and back are followed") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  std::vector<std::byte> by_stream;
  for (int i = 0; i < 10; ++i) {
    ring.words.Append(Lane::kData, CountFrame(evil));
    const auto next = CountFrame(evil);
    by_stream.insert(by_stream.end(), next.begin(), next.end());
  }
  ring.words.Publish();
  evil.Send(by_stream);
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_received == 20);
}

TEST_CASE("hostile: numbers over two paths that do not follow each other") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  auto header = evil.HeaderOf(PEcho::kCount);
  const auto first = CountFrame(evil, header);
  SECTION("a gap in the ring, with nothing in the stream") {
    ++header.sequence;
    ring.words.Append(Lane::kData, CountFrame(evil, header));
  }
  SECTION("a gap in the stream, with nothing in the ring") {
    ++header.sequence;
    evil.Send(CountFrame(evil, header));
  }
  SECTION("the same number on both") {
    ring.words.Append(Lane::kData, first);
    evil.Send(first);
  }
  SECTION("the same number twice in the ring") {
    ring.words.Append(Lane::kData, first);
    ring.words.Append(Lane::kData, first);
  }
  SECTION("the largest number there is") {
    header.sequence = ~std::uint64_t{0};
    ring.words.Append(Lane::kData, CountFrame(evil, header));
  }
  SECTION("none") {
    header.sequence = 0;
    ring.words.Append(Lane::kData, CountFrame(evil, header));
  }
  SECTION("heads of both paths beyond the next") {
    header.sequence = 5;
    ring.words.Append(Lane::kData, CountFrame(evil, header));
    header.sequence = 6;
    evil.Send(CountFrame(evil, header));
  }
  SECTION("a goodbye that waits for what never comes") {
    auto goodbye = evil.ControlHeader(FrameKind::kGoodbye);
    goodbye.after = GENERATE(std::uint64_t{1}, ~std::uint64_t{0});
    ring.words.Append(Lane::kControl, EvilParent::FrameOf(goodbye, {}));
  }
  ring.words.Publish();
  RingDoorbell(evil);
  evil.ExpectFault(Rule::kSequence);
}

TEST_CASE("hostile: a peer that dies at any byte of what it writes, with a ring") {
  const Guarded guarded;
  std::vector<std::byte> whole;
  std::size_t frame_size = 0;
  {
    EvilParent probe;
    const EvilRing ring;
    Offer(probe, ring);
    for (int i = 0; i < 3; ++i) {
      const auto frame = CountFrame(probe);
      frame_size = frame.size();
      whole.push_back(internal::kDoorbell);
      whole.insert(whole.end(), frame.begin(), frame.end());
    }
  }
  for (std::size_t length = 1; length <= whole.size(); ++length) {
    EvilParent evil;
    const EvilRing ring;
    Offer(evil, ring);
    evil.Send(std::span(whole).first(length));
    evil.HangUp();
    evil.ExpectDeath();
    CHECK(evil.victim->statistics().messages_received == length / (frame_size + 1));
    const std::size_t rest = length % (frame_size + 1);
    const bool inside = rest > 1;
    CHECK_THAT(evil.victim->close_detail(),
               Catch::Contains(inside ? "inside a message" : "between two messages"));
  }
}

TEST_CASE("hostile: what the ring holds when the peer dies is still heard, also its goodbye") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  evil.Run();
  for (int i = 0; i < 200; ++i) ring.words.Append(Lane::kData, CountFrame(evil));
  auto goodbye = evil.ControlHeader(FrameKind::kGoodbye);
  goodbye.after = 200;
  const bool says_goodbye = GENERATE(true, false);
  if (says_goodbye) ring.words.Append(Lane::kControl, EvilParent::FrameOf(goodbye, {}));
  ring.words.Publish();
  evil.HangUp();
  evil.Run();
  CHECK(evil.victim->destroyed == 1);
  CHECK(evil.victim->statistics().messages_received == 200);
  const auto reason =
      says_goodbye ? ActorDestroyReason::kNormalShutdown : ActorDestroyReason::kAbnormalShutdown;
  CHECK(evil.victim->reason == reason);
}

// The victim has much to say, and the peer makes room for it, but never stops talking.
TEST_CASE("hostile: a flood does not keep the victim from sending") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing own = VictimsRing(evil);
  EvilRing ring;
  Offer(evil, ring);
  evil.Run();
  while (evil.victim->SendCounted(1)) {
  }
  const std::uint64_t before = own.words.word(kDataWritten);
  const auto flood = [&] {
    for (int i = 0; i < 100; ++i) ring.words.Append(Lane::kData, CountFrame(evil));
    ring.words.Publish();
  };
  flood();
  own.words.TakeAll();
  Must(platform::SendSome(evil.socket(), std::span(&internal::kDoorbell, 1), {}));
  evil.io.restart();
  for (int i = 0; i < 10 && evil.io.poll_one() > 0; ++i) flood();
  CHECK(own.words.word(kDataWritten) > before);
  evil.ExpectAlive();
}

}  // namespace
}  // namespace baton::testing
