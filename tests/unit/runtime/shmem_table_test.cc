#include "runtime/shmem/shmem_table.h"

#include <fcntl.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include <baton/platform/fault_injection.h>
#include "tests/support/byte_content.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/skip.h"
#include "tests/support/two_sides.h"
#include "tests/support/without_pool.h"

namespace baton::internal {
namespace {

using testing::HoldsOnly;
using testing::Must;

TEST_CASE("memory goes over, is written there, and comes back to the same place") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem ours = Must(sides.parent->Allocate(5000));
  const auto* const place = ours.bytes().data();
  const ShmemId id = ours.id();
  CHECK(HoldsOnly(ours, 0));
  Write(ours, 'a');

  Shmem theirs = HandOver(*sides.parent, *sides.child, std::move(ours));
  CHECK(theirs.size() == 5000);
  CHECK(theirs.id() == id);
  CHECK(HoldsOnly(theirs, 'a'));
  Write(theirs, 'b');

  Shmem back = HandOver(*sides.child, *sides.parent, std::move(theirs));
  CHECK(back.bytes().data() == place);
  CHECK(HoldsOnly(back, 'b'));
}

TEST_CASE("only the first transfer carries a handle") {
  TwoSides sides;
  Shmem shmem = Must(sides.parent->Allocate(10));
  auto first = Must(Send(*sides.parent, shmem));
  CHECK(first.handles.size() == 1);
  CHECK(first.reference.transfer == 1);
  Shmem there;
  Must(Receive(*sides.child, std::move(first), there));
  const auto second = Must(Send(*sides.child, there));
  CHECK(second.handles.empty());
  CHECK(second.reference.handle == wire::ShmemReference::kNoIndex);
  CHECK(second.reference.transfer == 2);
}

TEST_CASE("what is not ours cannot be sent or freed, and the error says which") {
  TwoSides sides;
  TwoSides others;
  Shmem empty;
  CHECK(Send(*sides.parent, empty).error() == Errc::kEmptyShmem);
  CHECK(sides.parent->Deallocate(empty).error() == Errc::kEmptyShmem);

  Shmem sent = Must(sides.parent->Allocate(10));
  Must(Send(*sides.parent, sent));
  CHECK(sent.state() == ShmemState::kSent);
  CHECK(sent.bytes().empty());
  CHECK(Send(*sides.parent, sent).error() == Errc::kAlreadySent);
  CHECK(sides.parent->Deallocate(sent).error() == Errc::kAlreadySent);

  Shmem foreign = Must(others.parent->Allocate(10));
  CHECK(Send(*sides.parent, foreign).error() == Errc::kWrongChannel);
  CHECK(sides.parent->Deallocate(foreign).error() == Errc::kWrongChannel);
  CHECK(foreign.state() == ShmemState::kOwned);
}

TEST_CASE("one message cannot carry the same memory twice") {
  TwoSides sides;
  Shmem shmem = Must(sides.parent->Allocate(10));
  const wire::OutgoingShmem twice[] = {{wire::Kind::kShmem, &shmem, 0},
                                       {wire::Kind::kShmem, &shmem, kReferenceSize}};
  CHECK(sides.parent->CheckDeparture(twice).error() == Errc::kAlreadySent);
  CHECK(shmem.state() == ShmemState::kOwned);
}

TEST_CASE("freeing memory that the peer has seen tells the peer") {
  const testing::LeakCheck leak_check;
  TwoSides sides(testing::WithoutPool());
  Shmem theirs = HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(10)));
  CHECK(sides.releases_announced == 0);
  Must(sides.child->Deallocate(theirs));
  CHECK(sides.releases_announced == 1);
  const auto releases = sides.child->TakeReleases(10);
  REQUIRE(releases.size() == 1);
  Must(sides.parent->PeerReleased(releases[0]));
  CHECK(sides.parent->PeerReleased(releases[0]).error() == Rule::kShmemId);
}

TEST_CASE("memory that the peer has never seen is freed in silence") {
  TwoSides sides;
  { const Shmem shmem = Must(sides.parent->Allocate(10)); }
  CHECK(sides.releases_announced == 0);
}

TEST_CASE("a peer cannot release what we own") {
  TwoSides sides;
  Shmem back = HandOver(*sides.child, *sides.parent,
                        HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(10))));
  CHECK(sides.parent->PeerReleased({back.id(), 2}).error() == Rule::kShmemState);
  CHECK(sides.parent->PeerReleased({ShmemId{1, 2}, 1}).error() == Rule::kShmemId);
}

TEST_CASE("forged, foreign and replayed references are refused") {
  TwoSides sides;
  Shmem shmem = Must(sides.child->Allocate(10));
  InTransit transit = Must(Send(*sides.child, shmem));
  Shmem into;

  SECTION("an id that we would have made") {
    transit.reference.id_high &= ~(std::uint64_t{1} << 63);
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemId);
  }
  SECTION("no handle for an id that nobody knows") {
    transit.reference.handle = wire::ShmemReference::kNoIndex;
    transit.handles.clear();
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemId);
  }
  SECTION("a first transfer that is not the first") {
    transit.reference.transfer = 2;
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemState);
  }
  SECTION("a size that is not the object's") {
    transit.reference.capacity = 0;
    transit.reference.size = GENERATE(0U, 9U, 10U, 4097U);
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kHandleSize);
  }
  SECTION("another kind than the message says") {
    transit.reference.kind = wire::ShmemReference::kUnsafe;
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemKind);
  }
  SECTION("a handle that is not there") {
    transit.reference.handle = 1;
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kHandleIndex);
  }
  SECTION("a handle that nothing names") {
    transit.handles.push_back(Must(transit.handles[0].Duplicate()));
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kHandleIndex);
  }
  SECTION("a new handle for a known id") {
    InTransit again;
    again.reference = transit.reference;
    again.handles.push_back(Must(transit.handles[0].Duplicate()));
    Must(Receive(*sides.parent, std::move(transit), into));
    Shmem second;
    CHECK(Receive(*sides.parent, std::move(again), second).error() == Rule::kShmemId);
  }
  SECTION("a replay while we own it") {
    Must(Receive(*sides.parent, std::move(transit), into));
    InTransit replay;
    replay.reference = wire::ShmemReference{
        into.id().high, into.id().low, 10, 2, wire::ShmemReference::kNoIndex, 1, 0, 1};
    Shmem second;
    CHECK(Receive(*sides.parent, std::move(replay), second).error() == Rule::kShmemState);
  }
  CHECK(into.state() != ShmemState::kSent);
}

TEST_CASE("a transfer number that was seen before is a replay") {
  TwoSides sides;
  Shmem shmem = Must(sides.parent->Allocate(10));
  Shmem theirs = HandOver(*sides.parent, *sides.child, std::move(shmem));
  const InTransit transit = Must(Send(*sides.child, theirs));
  Shmem back;
  InTransit first;
  first.reference = transit.reference;
  Must(Receive(*sides.parent, std::move(first), back));
  Must(Send(*sides.parent, back));
  InTransit replay;
  replay.reference = transit.reference;
  Shmem twice;
  CHECK(Receive(*sides.parent, std::move(replay), twice).error() == Rule::kShmemState);
}

TEST_CASE("unsafe memory is shared, with a handle each time") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  UnsafeShmem ours = Must(sides.parent->AllocateUnsafe(100));
  UnsafeShmem theirs;
  Must(Receive(*sides.child, Must(Send(*sides.parent, ours)), theirs));
  CHECK(ours.state() == ShmemState::kShared);
  theirs.bytes()[3] = std::byte{42};
  CHECK(ours.bytes()[3] == std::byte{42});

  UnsafeShmem once_more;
  Must(Receive(*sides.child, Must(Send(*sides.parent, ours)), once_more));
  CHECK(once_more.bytes().data() == theirs.bytes().data());

  UnsafeShmem round_trip;
  Must(Receive(*sides.parent, Must(Send(*sides.child, theirs)), round_trip));
  CHECK(round_trip.bytes().data() == ours.bytes().data());
}

TEST_CASE("a known id of unsafe memory with another object is refused") {
  TwoSides sides;
  UnsafeShmem ours = Must(sides.parent->AllocateUnsafe(100));
  UnsafeShmem other = Must(sides.parent->AllocateUnsafe(100));
  UnsafeShmem theirs;
  Must(Receive(*sides.child, Must(Send(*sides.parent, ours)), theirs));
  InTransit forged = Must(Send(*sides.parent, other));
  forged.reference.id_high = ours.id().high;
  forged.reference.id_low = ours.id().low;
  UnsafeShmem into;
  CHECK(Receive(*sides.child, std::move(forged), into).error() == Rule::kShmemId);
}

TEST_CASE("a quota is a shortage of ours, whoever made the memory") {
  ChannelOptions options;
  options.max_shmem_bytes = 100;
  options.max_shmem_count = 2;
  TwoSides small(options);
  CHECK(small.parent->Allocate(101).error() == Errc::kOverQuota);
  const Shmem half = Must(small.parent->Allocate(60));
  CHECK(small.parent->Allocate(60).error() == Errc::kOverQuota);
  const Shmem rest = Must(small.parent->Allocate(40));
  CHECK(small.parent->Allocate(1).error() == Errc::kOverQuota);

  TwoSides large;
  Shmem foreign = Must(large.child->Allocate(101));
  Shmem into;
  CHECK(Receive(*small.parent, Must(Send(*large.child, foreign)), into).error() ==
        Errc::kOverQuota);
  CHECK(small.releases_announced == 1);  // it is the peer's again to forget
}

TEST_CASE("freed memory counts no more against the quota") {
  ChannelOptions options;
  options.max_shmem_bytes = 100;
  TwoSides sides(options);
  for (int i = 0; i < 10; ++i) {
    const Shmem safe = Must(sides.parent->Allocate(60));
    const UnsafeShmem shared = Must(sides.parent->AllocateUnsafe(40));
  }
}

// Two pieces in one message, the second of which cannot be revoked.
TEST_CASE("a message that cannot leave gives back what it had revoked, or empties the handle") {
  if (!platform::testing::kCanInjectFaults) {
    SKIP_TEST("a build in which no system call can be made to fail");
  }
  const testing::LeakCheck leak_check;
  const bool is_sealed = GENERATE(false, true);
  ChannelOptions options;
  options.revocation = platform::Revocation::kUnmap;
  TwoSides sides(options);
  Shmem first = Must(sides.parent->Allocate(5000));
  first = HandOver(*sides.child, *sides.parent,
                   HandOver(*sides.parent, *sides.child, std::move(first)));
  Shmem second = Must(sides.parent->Allocate(5000));
  Write(first, 'a');
  Write(second, 'b');
  if (is_sealed) {  // as the peer could, who has had it
    constexpr int kSealFutureWrite = 0x0010;
    const int handle = ShmemAccess::record(first)->memory().handle().get();
    REQUIRE(::fcntl(handle, F_ADD_SEALS, kSealFutureWrite) == 0);
  }
  const wire::OutgoingShmem outgoing[] = {{wire::Kind::kShmem, &first, 0},
                                          {wire::Kind::kShmem, &second, 0}};
  REQUIRE(sides.parent->CheckDeparture(outgoing));
  {
    const platform::testing::FailNthCall fault(2, ENOMEM);
    CHECK(sides.parent->Depart(outgoing).has_error());
  }
  CHECK(HoldsOnly(second, 'b'));
  CHECK(first.state() == (is_sealed ? ShmemState::kEmpty : ShmemState::kOwned));
  CHECK(sides.releases_announced == (is_sealed ? 1 : 0));
  if (!is_sealed) CHECK(HoldsOnly(first, 'a'));
}

TEST_CASE("what this side owns outlives the channel") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem kept = Must(sides.parent->Allocate(10));
  Write(kept, 'k');
  Shmem sent = Must(sides.parent->Allocate(10));
  Must(Send(*sides.parent, sent));
  sides.parent->Close();
  sides.parent.reset();
  CHECK(HoldsOnly(kept, 'k'));
}

}  // namespace
}  // namespace baton::internal
