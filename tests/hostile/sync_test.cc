// Lies about sync messages: answers on the wrong lane, twice, or of nothing; questions that are not
// what their flags say; data without end while somebody waits.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/hostile/evil_answerer.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using internal::Lane;
namespace PSync = ::testing::PSync;
using namespace std::chrono_literals;

TEST_CASE("hostile sync: an honest answer, written by hand, is taken") {
  const Guarded guarded;
  EvilAnswerer peer;
  peer.Answer(1, 42);
  CHECK(Must(peer.victim->SendAsk(1)) == 42);
  peer.Answer(2, 43);
  CHECK(Must(peer.victim->SendAsk(1)) == 43);
}

TEST_CASE("hostile sync: an answer belongs to its question, once, and to its lane") {
  const Guarded guarded;
  EvilAnswerer peer;
  Rule rule = Rule::kUnknownCall;
  SECTION("on the data lane") {
    peer.Answer(1, 42, Lane::kData);
    CHECK(peer.victim->SendAsk(1, 50ms).error() == std::errc::timed_out);  // data waits
  }
  SECTION("of a question that was not asked") {
    peer.Answer(2, 42);
    CHECK(peer.victim->SendAsk(1).error() == Errc::kPeerFault);
  }
  SECTION("of another message") {
    peer.Answer(1, 42, Lane::kControl, PSync::kHurry);
    CHECK(peer.victim->SendAsk(1).error() == Errc::kPeerFault);
  }
  SECTION("twice") {
    peer.Answer(1, 42);
    peer.Answer(1, 42);
    CHECK(Must(peer.victim->SendAsk(1)) == 42);
    CHECK(peer.victim->SendAsk(1).error() == Errc::kPeerFault);
  }
  SECTION("before it was asked") {
    peer.Answer(1, 42);
    peer.io.poll();
  }
  SECTION("of a question that is not sync") {
    peer.victim->SendQuestion(1, [](boost::system::error_code error, std::uint64_t) {
      CHECK(error == Errc::kPeerFault);
    });
    peer.Answer(1, 42, Lane::kControl, PSync::kQuestion);
    peer.io.poll();
  }
  SECTION("that is no answer") {
    FrameHeader header = peer.HeaderOf(FrameKind::kReply, Lane::kControl);
    header.message = PSync::kAsk.id;
    header.call = 1;
    const std::vector<std::byte> garbage(24, std::byte{0xff});
    peer.Send(header, garbage);
    CHECK(peer.victim->SendAsk(1).error() == Errc::kPeerFault);
    rule = Rule::kMalformed;
  }
  peer.ExpectFault(rule);
}

TEST_CASE("hostile sync: a question is what its flags say") {
  const Guarded guarded;
  const bool waits = GENERATE(false, true);
  CAPTURE(waits);
  EvilAnswerer peer;
  Rule rule = Rule::kFrameHeader;
  using internal::kInside;
  using internal::kNested;
  using internal::kSync;
  SECTION("sync to the child, and not nested") {
    peer.Question(PSync::kAsk, kSync);
    rule = Rule::kUnknownMessage;
  }
  SECTION("the same, said to be nested") {
    peer.Question(PSync::kAsk, kSync | kNested);
    rule = Rule::kUnknownMessage;
  }
  SECTION("nested, said not to be") {
    peer.Question(PSync::kDive, kSync);
  }
  SECTION("sync, said not to be") {
    peer.Question(PSync::kDive, 0);
  }
  SECTION("nested without sync") {
    peer.Question(PSync::kDive, kNested);
  }
  SECTION("inside without sync") {
    peer.Question(PSync::kDive, kInside);
  }
  SECTION("a flag that nobody knows") {
    peer.Question(PSync::kDive, kSync | kNested | 16);
  }
  SECTION("flags of what is no question") {
    FrameHeader header = peer.HeaderOf(FrameKind::kMessage, Lane::kData);
    header.message = PSync::kPiece.id;
    header.flags = kSync;
    peer.Send(header, {});
  }
  SECTION("flags of an answer") {
    FrameHeader header = peer.HeaderOf(FrameKind::kReply, Lane::kControl);
    header.message = PSync::kAsk.id;
    header.call = 1;
    header.flags = kSync;
    peer.Send(header, {});
  }
  if (waits) CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  peer.ExpectFault(rule);
}

TEST_CASE("hostile sync: a nested question needs nobody who waits") {
  const Guarded guarded;
  EvilAnswerer peer;
  const std::uint32_t inside = GENERATE(0U, internal::kInside);
  peer.Question(PSync::kDive, internal::kSync | internal::kNested | inside);
  peer.io.poll();
  CHECK(peer.victim->dives == 1);
  CHECK(peer.victim->destroyed == 0);
}

TEST_CASE("hostile sync: a peer that answers nested questions with more of them ends somewhere") {
  const Guarded guarded;
  EvilAnswerer peer;
  for (int i = 0; i < 500; ++i) peer.Question(PSync::kDive, internal::kSync | internal::kNested);
  std::size_t depth = 0;
  std::size_t deepest = 0;
  peer.victim->on_dive = [&] {
    deepest = std::max(deepest, ++depth);
    (void)peer.victim->SendDive(0, 1ms);
    --depth;
  };
  CHECK(peer.victim->SendDive(0, 1s).error() == std::errc::timed_out);
  CHECK(deepest == 32);
  CHECK(peer.victim->dives >= 32);
}

TEST_CASE("hostile sync: an actor that is deleted inside of its wait needs no answer") {
  const Guarded guarded;
  EvilAnswerer peer;
  FrameHeader construct = peer.HeaderOf(FrameKind::kConstruct, Lane::kData);
  construct.message = PSync::kPSyncPartConstructor.id;
  construct.call = 2;
  peer.Send(construct, peer.Encode(*PSync::kPSyncPartConstructor.parameters, {}));
  peer.io.poll();
  REQUIRE(peer.victim->parts.size() == 1);
  const auto part = peer.victim->parts.front();
  peer.victim->on_dive = [&] { Must(part->Send__delete__()); };
  peer.Question(PSync::kDive, internal::kSync | internal::kNested);
  CHECK(part->SendAskPart(1, 2s).error() == Errc::kActorGone);
}

TEST_CASE("hostile sync: data without end while somebody waits costs what the limits say") {
  const Guarded guarded;
  EvilAnswerer peer;
  std::atomic<bool> is_over = false;
  std::size_t written = 0;
  std::thread flood([&] {
    FrameHeader header = peer.HeaderOf(FrameKind::kMessage, Lane::kData);
    header.message = PSync::kPiece.id;
    const std::uint64_t number = 1;
    const std::vector<std::byte> content(10'000);
    const void* const values[] = {&number, &content};
    const auto payload = peer.Encode(*PSync::kPiece.parameters, values);
    while (!is_over) {
      const auto frame = EvilParent::FrameOf(header, payload);
      std::span<const std::byte> rest = frame;
      while (!rest.empty() && !is_over) {
        const auto sent = platform::SendSome(peer.socket(), rest, {});
        if (sent) rest = rest.subspan(*sent);
        if (sent) written += *sent;
        if (!sent) std::this_thread::yield();
      }
      ++header.sequence;
    }
  });
  CHECK(peer.victim->SendAsk(1, 500ms).error() == std::errc::timed_out);
  is_over = true;
  flood.join();
  CHECK(peer.victim->pieces.empty());
  CHECK(written < (std::size_t{3} << 20));
}

}  // namespace
}  // namespace baton::testing
