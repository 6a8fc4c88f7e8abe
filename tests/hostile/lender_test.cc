// Whoever is asked for memory answers with something else, twice, unasked, late or never.
#include <sys/eventfd.h>

#include <catch2/catch.hpp>

#include "tests/hostile/evil_answerer.h"
#include "tests/hostile/evil_lender.h"
#include "tests/support/guarded.h"
#include "tests/support/sealed_memory.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using internal::FrameKind;
using internal::Lane;
using platform::Handle;
using wire::ShmemReference;
using namespace std::chrono_literals;

constexpr std::uint64_t kSizeLent = EvilLender::kSize;

TEST_CASE("hostile loans: an honest answer, written by hand, is taken") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  lender.VictimAsks();
  lender.LendHonestly(1);
  lender.VictimAsksForUnsafe();
  const Handle handles[] = {EvilLender::Memory()};
  lender.Lend(
      lender.AnswerTo(2, internal::kLoanOfUnsafe),
      lender.LentPayload(lender.Reference(ShmemReference::kUnsafe), internal::kLentUnsafeTable),
      handles);
  lender.ExpectAlive();
  REQUIRE(lender.results == std::vector<error_code>{{}, {}});
  CHECK(lender.kept.front().size() == kSizeLent);
  CHECK(lender.kept_unsafe.front().size() == kSizeLent);

  // What was borrowed is given back when it is freed.
  lender.kept.clear();
  lender.kept_unsafe.clear();
  CHECK(lender.Heard(FrameKind::kRelease).size() == 2);
}

TEST_CASE("hostile loans: an answer is what was asked for, new, and whole") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  lender.VictimAsks();
  auto header = lender.AnswerTo(1);
  auto reference = lender.Reference();
  std::vector<Handle> handles;
  handles.push_back(EvilLender::Memory());
  std::optional<std::vector<std::byte>> payload;
  Rule rule = Rule::kHandleSize;
  SECTION("smaller than asked for") {
    handles[0] = EvilLender::Memory(kSizeLent - 1);
    reference.size = kSizeLent - 1;
  }
  SECTION("larger than asked for") {
    handles[0] = EvilLender::Memory(kSizeLent + 1);
    reference.size = kSizeLent + 1;
  }
  SECTION("smaller than it says") {
    handles[0] = EvilLender::Memory(kSizeLent - 1);
  }
  SECTION("of more than there can be") {
    reference.size = ~std::uint64_t{0};
  }
  SECTION("no memory at all") {
    handles[0] = Handle(eventfd(0, EFD_CLOEXEC));
    rule = Rule::kHandleKind;
  }
  SECTION("without a handle") {
    handles.clear();
    reference.handle = ShmemReference::kNoIndex;
    rule = Rule::kHandleIndex;
  }
  SECTION("a handle that is not there") {
    reference.handle = 1;
    rule = Rule::kHandleIndex;
  }
  SECTION("a handle too many") {
    handles.push_back(EvilLender::Memory());
    rule = Rule::kHandleIndex;
  }
  SECTION("of the other kind") {
    reference.kind = ShmemReference::kUnsafe;
    rule = Rule::kShmemKind;
  }
  SECTION("that has changed hands before") {
    reference.transfer = 2;
    rule = Rule::kShmemState;
  }
  SECTION("with an id of our own making") {
    reference.id_high |= std::uint64_t{1} << 63;
    rule = Rule::kShmemId;
  }
  SECTION("with nothing in it") {
    payload.emplace();
    handles.clear();
    rule = Rule::kMalformed;
  }
  SECTION("of the other sort") {
    header.message = internal::kLoanOfUnsafe.id;
    rule = Rule::kUnknownCall;
  }
  SECTION("of a sort that there is not") {
    header.message = 4;
    rule = Rule::kUnknownCall;
  }
  SECTION("to a question that was not asked") {
    header.call += 1;
    rule = Rule::kUnknownCall;
  }
  SECTION("to an actor") {
    header.actor = 2;
    rule = Rule::kUnknownCall;
  }
  SECTION("on the data lane") {
    header.lane = Lane::kData;
    header.sequence = 1;
    rule = Rule::kUnknownCall;
  }
  SECTION("carried") {
    payload = std::vector<std::byte>(8);
    const auto bytes = lender.LentPayload(reference);
    const std::uint64_t size = bytes.size();
    std::memcpy(payload->data(), &size, sizeof(size));
    handles.insert(handles.begin(), Must(platform::CreateFrozenMemory("evil", bytes)));
    header.flags = internal::kCarried;
    rule = Rule::kFrameHeader;
  }
  lender.Lend(header, payload ? *payload : lender.LentPayload(reference), handles);
  lender.ExpectFault(rule);
  CHECK(lender.results == std::vector<error_code>{make_error_code(Errc::kPeerFault)});
}

TEST_CASE("hostile loans: unsafe memory is new as well") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  lender.VictimAsksForUnsafe();
  auto reference = lender.Reference(ShmemReference::kUnsafe);
  const Handle handles[] = {EvilLender::Memory()};
  const auto answer = [&](std::uint64_t question) {
    lender.Lend(lender.AnswerTo(question, internal::kLoanOfUnsafe),
                lender.LentPayload(reference, internal::kLentUnsafeTable), handles);
  };
  SECTION("the same once more") {
    answer(1);
    lender.ExpectAlive();
    lender.VictimAsksForUnsafe();
    answer(2);
  }
  SECTION("with an id of our own making") {
    reference.id_high |= std::uint64_t{1} << 63;
    answer(1);
  }
  lender.ExpectFault(Rule::kShmemId);
  CHECK(lender.results.back() == make_error_code(Errc::kPeerFault));
}

TEST_CASE("hostile loans: an answer twice, unasked, or of memory that is known") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  Rule rule = Rule::kUnknownCall;
  SECTION("twice") {
    lender.VictimAsks();
    lender.LendHonestly(1);
    lender.LendHonestly(1);
  }
  SECTION("unasked") {
    lender.LendHonestly(1);
  }
  SECTION("a refusal, unasked") {
    auto header = lender.AnswerTo(1);
    header.kind = FrameKind::kReject;
    const std::uint8_t space = 0;
    const std::int32_t value = 12;
    const void* const values[] = {&space, &value};
    lender.Send(EvilParent::FrameOf(header, lender.Encode(internal::kRejectTable, values)));
  }
  SECTION("of memory that this side holds") {
    const auto reference = lender.Reference();
    const Handle handles[] = {EvilLender::Memory()};
    for (const std::uint64_t question : {1, 2}) {
      lender.VictimAsks();
      lender.Lend(lender.AnswerTo(question), lender.LentPayload(reference), handles);
    }
    rule = Rule::kShmemId;
  }
  lender.ExpectFault(rule);
}

TEST_CASE("hostile loans: a refusal is a value, whatever it says") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  std::uint64_t question = 0;
  const auto refuse = [&](std::uint8_t space, std::int32_t value) {
    lender.VictimAsks();
    auto header = lender.AnswerTo(++question);
    header.kind = FrameKind::kReject;
    const void* const values[] = {&space, &value};
    lender.Send(EvilParent::FrameOf(header, lender.Encode(internal::kRejectTable, values)));
    lender.ExpectAlive();
    return lender.results.back();
  };
  CHECK(refuse(0, ENOMEM) == std::errc::not_enough_memory);
  CHECK(refuse(1, static_cast<int>(Errc::kOverQuota)) == make_error_code(Errc::kOverQuota));
  CHECK(refuse(0, 0) == make_error_code(Errc::kRejected));
  CHECK(refuse(77, -1) == make_error_code(Errc::kRejected));
}

TEST_CASE("hostile loans: an answer after the deadline is given back at once") {
  const Guarded guarded;
  ChannelOptions options = VictimThatBorrows();
  options.memory_deadline = 1ms;
  EvilLender lender(options);
  const bool is_safe = GENERATE(true, false);
  const bool waits = GENERATE(true, false);
  CAPTURE(is_safe, waits);
  if (waits) {
    const std::error_code error = is_safe ? lender.victim->AllocShmem(kSizeLent).error()
                                          : lender.victim->AllocUnsafeShmem(kSizeLent).error();
    CHECK(error == std::errc::timed_out);
  } else {
    is_safe ? lender.VictimAsks() : lender.VictimAsksForUnsafe();
    while (lender.results.empty()) lender.io.run_one();
    CHECK(lender.results.back() == boost::asio::error::timed_out);
  }
  const Handle handles[] = {EvilLender::Memory()};
  if (is_safe) {
    lender.Lend(lender.AnswerTo(1), lender.LentPayload(lender.Reference()), handles);
  } else {
    lender.Lend(
        lender.AnswerTo(1, internal::kLoanOfUnsafe),
        lender.LentPayload(lender.Reference(ShmemReference::kUnsafe), internal::kLentUnsafeTable),
        handles);
  }
  lender.ExpectAlive();
  CHECK(lender.victim->statistics().answers_late == 1);
  CHECK(lender.kept.empty());
  CHECK(lender.Heard(FrameKind::kRelease).size() == 1);
}

TEST_CASE("hostile loans: a lender that never answers costs the deadline, and 1024 questions") {
  const Guarded guarded;
  ChannelOptions options = VictimThatBorrows();
  options.memory_deadline = 0ms;
  EvilLender lender(options);
  for (int n = 0; n < 1024; ++n) {
    REQUIRE(lender.victim->AllocShmem(kSizeLent).error() == std::errc::timed_out);
  }
  CHECK(lender.victim->AllocShmem(kSizeLent).error() == Errc::kWouldBlock);
  lender.VictimAsks();
  CHECK(lender.results.back() == make_error_code(Errc::kWouldBlock));
  lender.ExpectAlive();
  lender.LendHonestly(1);  // one that nobody waits for makes room for one more
  CHECK(lender.victim->AllocShmem(kSizeLent).error() == std::errc::timed_out);
  lender.ExpectAlive();
}

TEST_CASE("hostile loans: a lie while somebody waits ends the wait") {
  const Guarded guarded;
  EvilLender lender(VictimThatBorrows());
  lender.Run();
  SECTION("a lie") {
    auto reference = lender.Reference();
    reference.size = 1;
    const auto frame = [&] {
      auto header = lender.AnswerTo(1);
      header.handles = 1;
      return EvilParent::FrameOf(header, lender.LentPayload(reference));
    }();
    const Handle memory = EvilLender::Memory();
    const platform::NativeHandle handles[] = {memory.get()};
    Must(platform::SendSome(lender.socket(), frame, handles));
    CHECK(lender.victim->AllocShmem(kSizeLent).error() == Errc::kPeerFault);
    lender.ExpectFault(Rule::kHandleSize);
  }
  SECTION("the end") {
    lender.HangUp();
    CHECK(lender.victim->AllocShmem(kSizeLent).error() == Errc::kPeerDied);
  }
}

TEST_CASE("hostile loans: a nested question that comes while memory is awaited runs after that") {
  const Guarded guarded;
  EvilAnswerer peer(VictimThatBorrows());
  std::vector<std::uint64_t> dives_before_memory;
  peer.victim->on_dive = [&] {
    if (peer.victim->dives > 1) return;
    CHECK(peer.victim->AllocShmem(kSizeLent).error() == std::errc::not_enough_memory);
    dives_before_memory.push_back(peer.victim->dives);
  };
  for (int n = 0; n < 2; ++n) {
    peer.Question(::testing::PSync::kDive, internal::kSync | internal::kNested | internal::kInside);
  }
  auto header = peer.HeaderOf(FrameKind::kReject, Lane::kControl);
  header.message = internal::kLoanOfShmem.id;
  header.call = internal::kLoanCall + 1;
  const std::uint8_t space = 0;
  const std::int32_t value = ENOMEM;
  const void* const values[] = {&space, &value};
  peer.Send(header, peer.Encode(internal::kRejectTable, values));
  peer.Answer(1, 42);
  CHECK(Must(peer.victim->SendAsk(1)) == 42);
  CHECK(dives_before_memory == std::vector<std::uint64_t>{1});
  CHECK(peer.victim->dives == 2);  // whoever asked waits, perhaps before it goes on with ours
}

TEST_CASE("hostile loans: a ring that is lent is a ring, of the size that was asked for") {
  const Guarded guarded;
  ChannelOptions options = VictimThatBorrows();
  options.ring_bytes = std::size_t{64} << 10;
  EvilLender lender(options);
  lender.ExpectAlive();
  const std::size_t asked = internal::RingMemorySize(options.ring_bytes);
  const auto lend = [&](Handle ring) {
    const FileDescriptor placeholder = Must(ring.Duplicate());
    const void* const values[] = {&placeholder};
    wire::Encoder encoder;
    const auto encoded = Must(encoder.Encode(internal::kLentRingTable, values, 4096));
    const std::uint32_t index = 0;
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &index, sizeof(index));
    const Handle handles[] = {std::move(ring)};
    lender.Lend(lender.AnswerTo(1, internal::kLoanOfRing), encoded.bytes, handles);
  };
  const auto ring = [](std::size_t size) {
    return Must(Must(platform::SharedMemory::CreateRing("evil", size)).handle().Duplicate());
  };
  SECTION("honest") {
    lend(ring(asked));
    lender.ExpectAlive();
    Must(lender.victim->SendCounted(1));
    CHECK(lender.victim->statistics().ring_frames_sent == 1);
  }
  SECTION("larger") {
    lend(ring(internal::RingMemorySize(std::size_t{128} << 10)));
    lender.ExpectFault(Rule::kHandleSize);
  }
  SECTION("smaller") {
    lend(ring(asked - 4096));
    lender.ExpectFault(Rule::kHandleSize);
  }
  SECTION("memory that could be frozen") {
    SKIP_UNLESS_SEALED();
    lend(EvilLender::Memory(asked));
    lender.ExpectFault(Rule::kHandleSeals);
  }
  SECTION("something else") {
    lend(Handle(eventfd(0, EFD_CLOEXEC)));
    lender.ExpectFault(Rule::kHandleKind);
  }
  SECTION("twice") {
    lend(ring(asked));
    lend(ring(asked));
    lender.ExpectFault(Rule::kUnknownCall);
  }
}

}  // namespace
}  // namespace baton::testing
