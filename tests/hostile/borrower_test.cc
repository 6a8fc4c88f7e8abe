// Whoever asks for memory asks for nonsense, without end, or says that it has freed what it holds.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_lender.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using internal::Lane;
using platform::Handle;

constexpr std::uint64_t kSizeBorrowed = EvilLender::kSize;
constexpr std::uint32_t kSafe = 1;
constexpr std::uint32_t kUnsafe = 2;
constexpr std::uint32_t kRing = 3;

TEST_CASE("hostile loans: an honest question, written by hand, is answered") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  const std::uint32_t what = GENERATE(kSafe, kUnsafe);
  borrower.Ask(kSizeBorrowed, what);
  const auto lent = borrower.Heard(FrameKind::kReply);
  REQUIRE(lent.size() == 1);
  CHECK(lent[0].header.lane == Lane::kControl);
  CHECK(lent[0].header.call == internal::kLoanCall + 1);
  CHECK(lent[0].handles.size() == 1);
  const auto reference = borrower.ReferenceIn(lent[0]);
  CHECK(reference.size == kSizeBorrowed);
  CHECK(Must(platform::SharedMemory::Adopt(Must(lent[0].handles[0].Duplicate()), kSizeBorrowed))
            .size() == kSizeBorrowed);
  borrower.Release(reference, what == kSafe ? 1 : 0);
  borrower.ExpectAlive();
}

TEST_CASE("hostile loans: sizes that cannot be are refused, and nobody is blamed") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  const std::uint64_t most = ChannelOptions().max_lent_bytes;
  std::uint64_t asked = 0;
  for (const std::uint64_t size : {std::uint64_t{0}, most + 1, ~std::uint64_t{0}}) {
    for (const std::uint32_t what : {kSafe, kUnsafe}) {
      borrower.Ask(size, what);
      ++asked;
    }
  }
  borrower.ExpectAlive();
  CHECK(borrower.Heard(FrameKind::kReject).size() == asked);
}

TEST_CASE("hostile loans: a question that is none") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  auto header = borrower.AskHeader();
  auto payload = borrower.AskPayload(kSizeBorrowed);
  Rule rule = Rule::kFrameHeader;
  SECTION("of a sort that there is not") {
    header.message = 4;
    rule = Rule::kUnknownMessage;
  }
  SECTION("of no sort") {
    header.message = 0;
  }
  SECTION("without a number") {
    header.call = 0;
  }
  SECTION("with the number of another question") {
    header.call = 1;
  }
  SECTION("with a number that is not the next") {
    header.call += 1;
  }
  SECTION("with that of a constructor") {
    header.call = internal::kConstructorCall + 1;
  }
  SECTION("to an actor") {
    header.actor = 2;
  }
  SECTION("with flags") {
    header.flags = internal::kSync;
  }
  SECTION("on the data lane") {
    header.lane = Lane::kData;
  }
  SECTION("with bytes that are no question") {
    payload.assign(3, std::byte{0xff});
    rule = Rule::kMalformed;
  }
  SECTION("for a ring, of a size that no ring has") {
    header.message = kRing;
    rule = Rule::kRing;
  }
  borrower.Send(EvilParent::FrameOf(header, payload));
  borrower.ExpectFault(rule);
}

TEST_CASE("hostile loans: a question with a handle") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  auto header = borrower.AskHeader();
  header.handles = 1;
  const Handle handles[] = {EvilLender::Memory()};
  borrower.Send(EvilParent::FrameOf(header, borrower.AskPayload(kSizeBorrowed)), handles);
  borrower.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile loans: a question of data has no number of those for memory") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  auto header = borrower.HeaderOf(::testing::PEcho::kPing);
  header.call = internal::kLoanCall + 1;
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  borrower.Send(
      EvilParent::FrameOf(header, borrower.Encode(*::testing::PEcho::kPing.parameters, values)));
  borrower.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile loans: one ring, for who has none") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  const std::size_t size = internal::RingMemorySize(std::size_t{64} << 10);
  borrower.Ask(size, kRing);
  borrower.ExpectAlive();
  CHECK(borrower.Heard(FrameKind::kReply).size() == 1);
  borrower.Ask(size, kRing);
  borrower.ExpectFault(Rule::kRing);
}

TEST_CASE("hostile loans: whoever lends nothing refuses, as often as it is asked") {
  const Guarded guarded;
  ChannelOptions options = VictimThatLends();
  options.lends_memory = GENERATE(LendsMemory::kToLaunched, LendsMemory::kToNobody);
  EvilLender borrower(options);
  for (int n = 0; n < 500; ++n) borrower.Ask(kSizeBorrowed, 1 + n % 2);
  borrower.Ask(internal::RingMemorySize(std::size_t{64} << 10), kRing);
  borrower.ExpectAlive();
  CHECK(borrower.Heard(FrameKind::kReject).size() == 501);
}

TEST_CASE("hostile loans: memory is given back once, and by who has borrowed it") {
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  Rule rule = Rule::kShmemId;
  SECTION("unsafe, twice") {
    borrower.Ask(kSizeBorrowed, kUnsafe);
    const auto lent = borrower.ReferenceIn(borrower.Heard(FrameKind::kReply).at(0));
    borrower.Release(lent, 0);
    borrower.ExpectAlive();
    borrower.Release(lent, 0);
  }
  SECTION("safe, twice") {
    borrower.Ask(kSizeBorrowed, kSafe);
    const auto lent = borrower.ReferenceIn(borrower.Heard(FrameKind::kReply).at(0));
    borrower.Release(lent, 1);
    borrower.ExpectAlive();
    borrower.Release(lent, 1);
  }
  SECTION("safe, as if it were unsafe") {
    borrower.Ask(kSizeBorrowed, kSafe);
    borrower.Release(borrower.ReferenceIn(borrower.Heard(FrameKind::kReply).at(0)), 0);
    rule = Rule::kShmemState;
  }
  SECTION("unsafe, as if it were safe") {
    borrower.Ask(kSizeBorrowed, kUnsafe);
    borrower.Release(borrower.ReferenceIn(borrower.Heard(FrameKind::kReply).at(0)), 1);
  }
  SECTION("that was never lent") {
    borrower.Release(borrower.Reference(), 0);
  }
  SECTION("unsafe, that was not lent but shared") {
    const auto shared = Must(borrower.victim->AllocUnsafeShmem(kSizeBorrowed));
    wire::ShmemReference reference;
    reference.id_high = shared.id().high;
    reference.id_low = shared.id().low;
    borrower.Release(reference, 0);
  }
  borrower.ExpectFault(rule);
}

TEST_CASE("hostile loans: a flood of questions, and none of the answers is read") {
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  const Guarded guarded;
  EvilLender borrower(VictimThatLends());
  const std::uint32_t what = GENERATE(kSafe, kUnsafe);
  for (int n = 0; n < 3000 && borrower.victim->destroyed == 0; ++n)
    borrower.Ask(kSizeBorrowed, what);
  borrower.ExpectFault(Rule::kQuota);
}

TEST_CASE("hostile loans: an answer that there is no room for lends nothing") {
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  const Guarded guarded;
  constexpr std::uint64_t kAsked = 900;
  ChannelOptions options = VictimThatLends();
  options.max_queued_handles = 2;
  options.max_shmem_count = 2 * kAsked;
  options.max_lent_bytes = kAsked * kSizeBorrowed;
  EvilLender borrower(options);
  const std::uint32_t what = GENERATE(kSafe, kUnsafe);
  for (std::uint64_t n = 0; n < kAsked; ++n)
    borrower.Ask(kSizeBorrowed, what);  // and reads nothing
  borrower.ExpectAlive();
  const auto lent = borrower.Heard(FrameKind::kReply);
  CHECK(lent.size() < kAsked);
  for (const auto& one : lent) borrower.Release(borrower.ReferenceIn(one), what == kSafe ? 1 : 0);
  borrower.Ask(kAsked * kSizeBorrowed, what);
  CHECK(borrower.Heard(FrameKind::kReply).size() == 1);
  borrower.ExpectAlive();
}

TEST_CASE("hostile loans: who borrows and frees without end costs no more than it may") {
  const Guarded guarded;
  ChannelOptions options = VictimThatLends();
  options.max_lent_bytes = 2 * kSizeBorrowed;
  EvilLender borrower(options);
  const std::uint32_t what = GENERATE(kSafe, kUnsafe);
  for (int round = 0; round < 200; ++round) {
    borrower.Ask(kSizeBorrowed, what);
    const auto lent = borrower.Heard(FrameKind::kReply);
    REQUIRE(lent.size() == 1);
    borrower.Release(borrower.ReferenceIn(lent[0]), what == kSafe ? 1 : 0);
  }
  for (int n = 0; n < 5; ++n) borrower.Ask(kSizeBorrowed, what);
  CHECK(borrower.Heard(FrameKind::kReply).size() == 2);
  borrower.ExpectAlive();
}

TEST_CASE("hostile loans: whoever asks for much at once does not keep others from their turns") {
  const Guarded guarded;
  ChannelOptions options = VictimThatLends();
  EvilLender borrower(options);
  borrower.Run();
  std::vector<std::byte> all;
  for (int n = 0; n < 20; ++n) {
    const auto frame =
        EvilParent::FrameOf(borrower.AskHeader(), borrower.AskPayload(kSizeBorrowed));
    all.insert(all.end(), frame.begin(), frame.end());
  }
  Must(platform::SendSome(borrower.socket(), all, {}));
  // Between any two loans, whatever else is ready.
  std::uint64_t most_between_turns = 0;
  std::uint64_t last = 0;
  std::function<void()> turn = [&] {
    const std::uint64_t lent = borrower.victim->statistics().messages_sent;
    most_between_turns = std::max(most_between_turns, lent - std::exchange(last, lent));
    if (lent < 20) boost::asio::post(borrower.io, turn);
  };
  boost::asio::post(borrower.io, turn);
  borrower.io.restart();
  while (last < 20 && borrower.io.run_one() > 0) {
  }
  CHECK(most_between_turns == 1);
  CHECK(borrower.Heard(FrameKind::kReply).size() == 20);
}

}  // namespace
}  // namespace baton::testing
