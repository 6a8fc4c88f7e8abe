// Words and records of a ring that cannot be, and flags that are held on.
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using internal::Lane;
namespace PEcho = ::testing::PEcho;

TEST_CASE("hostile: counts of a ring that cannot be") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  ring.words.Append(Lane::kData, CountFrame(evil));
  ring.words.Publish();
  RingDoorbell(evil);
  evil.ExpectAlive();
  const std::uint64_t honest = ring.words.word(kDataWritten);
  const std::uint64_t capacity = internal::kSmallestDataRing;
  SECTION("back") {
    ring.words.SetWord(kDataWritten, honest - 8);
  }
  SECTION("to nothing") {
    ring.words.SetWord(kDataWritten, 0);
  }
  SECTION("one record beyond the capacity") {
    ring.words.SetWord(kDataWritten, honest + capacity + 8);
  }
  SECTION("far forward") {
    ring.words.SetWord(kDataWritten, ~std::uint64_t{7});
  }
  SECTION("odd") {
    ring.words.SetWord(kDataWritten, honest + 41);
  }
  SECTION("less than a header") {
    ring.words.SetWord(kDataWritten, honest + 32);
  }
  SECTION("in the control lane") {
    ring.words.SetWord(kControlWritten, internal::kControlRingSize + 8);
  }
  RingDoorbell(evil);
  evil.ExpectFault(Rule::kRing);
}

TEST_CASE("hostile: records of a ring that cannot be") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  auto frame = CountFrame(evil);
  Lane lane = Lane::kData;
  Rule rule = Rule::kFrameHeader;
  SECTION("longer than what is written") {
    frame[4] = std::byte{200};
    rule = Rule::kRing;
  }
  SECTION("with handles") {
    auto header = evil.HeaderOf(PEcho::kCount);
    --header.sequence;
    header.handles = 1;
    frame = CountFrame(evil, header);
    rule = Rule::kHandleCount;
  }
  SECTION("of the other lane") {
    lane = Lane::kControl;
  }
  SECTION("HELLO") {
    const auto header = evil.ControlHeader(FrameKind::kHello);
    frame = EvilParent::FrameOf(header, evil.HelloPayload(EvilParent::HonestHello()));
    lane = Lane::kControl;
    rule = Rule::kHelloTwice;
  }
  SECTION("a doorbell") {
    frame[0] = internal::kDoorbell;
    rule = Rule::kFrameKind;
  }
  SECTION("larger than a ring may carry") {
    const std::size_t too_much = internal::MaxRingPayload(internal::kSmallestDataRing) + 1;
    frame = EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), std::vector<std::byte>(too_much));
    rule = Rule::kFrameTooLarge;
  }
  SECTION("with a payload in memory") {
    auto header = evil.HeaderOf(PEcho::kEcho);
    --header.sequence;
    header.flags = internal::kCarried;
    header.handles = 1;
    frame = EvilParent::FrameOf(header, std::vector<std::byte>(8));
    rule = Rule::kHandleCount;
  }
  ring.words.Append(lane, frame);
  ring.words.Publish();
  RingDoorbell(evil);
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: a count of read bytes that cannot be, by who reads what the victim writes") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing own = VictimsRing(evil);
  evil.SayHello();
  const std::uint64_t lie = GENERATE(std::uint64_t{1}, ~std::uint64_t{7});
  own.words.SetWord(kDataRead, lie);
  // It looks when it needs room.
  for (int i = 0; i < 100'000 && evil.victim->destroyed == 0; ++i) {
    if (!evil.victim->CanSend()) break;
    (void)evil.victim->SendCounted(1);
  }
  evil.ExpectFault(Rule::kRing);
}

TEST_CASE("hostile: whoever says that it waits or sleeps for ever costs a doorbell a turn") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing own = VictimsRing(evil);
  EvilRing ring;
  Offer(evil, ring);
  const std::uint64_t before = evil.victim->statistics().doorbells_sent;
  constexpr std::uint64_t kRounds = 1000;  // far more doorbells than the socket takes unread
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    ring.words.SetWord(kDataWriterWaits, 1);
    ring.words.SetWord(kControlWriterWaits, 1);
    own.words.SetWord(kReaderSleeps, 1);
    own.words.TakeAll();
    ring.words.Append(Lane::kData, CountFrame(evil));
    ring.words.Publish();
    RingDoorbell(evil);
  }
  evil.ExpectAlive();
  const auto statistics = evil.victim->statistics();
  CHECK(statistics.messages_received == kRounds);
  CHECK(statistics.doorbells_sent > before);
  // One for its answer, one for the room.
  CHECK(statistics.doorbells_sent - before <= 2 * kRounds + 1);
}

TEST_CASE("hostile: a million doorbells") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  const bool with_ring = GENERATE(true, false);
  if (with_ring) {
    Offer(evil, ring);
  } else {
    evil.SayHello();
  }
  RingDoorbell(evil, 1'000'000);
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().doorbells_received == 1'000'000);
  evil.Send(CountFrame(evil));
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_received == 1);
}

TEST_CASE("hostile: a peer that scribbles over its ring while it is read") {
  const Guarded guarded;
  const auto seed = GENERATE(range(1u, 9u));
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  bool goes_on = true;
  std::thread scribbler([&, at = std::minstd_rand(seed)]() mutable {
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t random = at() * std::uint64_t{0x100000001};
      const std::size_t where = i % 16 == 0 ? at() % 7 * 128 : at() % ring.mapping.bytes().size();
      ring.words.Write(where, std::as_bytes(std::span(&random, 1)));
    }
  });
  for (int i = 0; i < 200 && goes_on; ++i) {
    ring.words.Append(Lane::kData, CountFrame(evil));
    ring.words.Publish();
    RingDoorbell(evil);
    goes_on = evil.victim->destroyed == 0;
  }
  scribbler.join();
  evil.HangUp();
  evil.Run();
  CHECK(evil.victim->destroyed == 1);
  const auto error = evil.victim->close_error();
  CHECK((error == Cause::kPeerFault || error == Errc::kPeerDied));
}

}  // namespace
}  // namespace baton::testing
