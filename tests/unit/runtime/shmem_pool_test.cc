// Memory that is freed and given out again, by the tables of both sides.
#include "runtime/shmem/shmem_pool.h"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include <baton/platform/shared_memory.h>

#include "tests/support/byte_content.h"
#include "tests/support/leak_check.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::HoldsOnly;
using testing::Must;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

ChannelOptions Pools(std::uint64_t bytes) {
  ChannelOptions options;
  options.max_pooled_bytes = bytes;
  return options;
}

TEST_CASE("pool: what is freed is given out again, of the size that is asked for") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem first = Must(sides.parent->Allocate(5000));
  const ShmemId id = first.id();
  const auto* const place = first.bytes().data();
  CHECK(HoldsOnly(first.bytes(), 0));
  Write(first, 'a');
  Must(sides.parent->Deallocate(first));
  CHECK(sides.parent->pool_statistics().bytes == 8192);

  const Shmem second = Must(sides.parent->Allocate(4097));
  CHECK(second.id() == id);
  CHECK(second.bytes().data() == place);
  CHECK(second.size() == 4097);
  CHECK(HoldsOnly(second.bytes(), 'a'));
  const PoolStatistics counts = sides.parent->pool_statistics();
  CHECK(counts.bytes == 0);
  CHECK(counts.pieces == 0);
  CHECK(counts.hits == 1);
  CHECK(counts.misses == 1);
  CHECK(sides.TellReleases().empty());
}

TEST_CASE("pool: another size class is other memory, and the last that was freed comes first") {
  TwoSides sides;
  Shmem one = Must(sides.parent->Allocate(4096));
  Shmem two = Must(sides.parent->Allocate(4096));
  const ShmemId first = one.id(), second = two.id();
  one = Shmem();
  two = Shmem();
  const Shmem larger = Must(sides.parent->Allocate(4097));
  CHECK(larger.id() != first);
  CHECK(larger.id() != second);
  CHECK(Must(sides.parent->Allocate(1)).id() == second);
  const Shmem again = Must(sides.parent->Allocate(1));
  CHECK(again.id() == second);
  CHECK(Must(sides.parent->Allocate(1)).id() == first);
}

TEST_CASE("pool: memory that the other side frees goes home, and only its id travels again") {
  const testing::LeakCheck leak_check;
  const std::uint64_t size = GENERATE(std::uint64_t{100}, kMiB, 3 * kMiB);
  TwoSides sides;
  Shmem made = Must(sides.parent->Allocate(size));
  const ShmemId id = made.id();
  const auto* const place = made.bytes().data();
  Write(made, 'a');
  Shmem there = sides.ToChild(std::move(made));
  const auto* const place_there = there.bytes().data();
  Write(there, 'b');
  there = Shmem();
  CHECK(sides.child->pool_statistics().pieces == 0);
  const auto releases = sides.TellReleases();
  REQUIRE(releases.size() == 1);
  CHECK(releases[0].keeps_mapping);
  CHECK(releases[0].transfers == 1);
  CHECK(sides.parent->pool_statistics().pieces == 1);

  Shmem again = Must(sides.parent->Allocate(size - 1));
  CHECK(again.id() == id);
  CHECK(again.bytes().data() == place);
  CHECK(HoldsOnly(again.bytes(), 'b'));
  auto transit = Must(Send(*sides.parent, again));
  CHECK(transit.handles.empty());
  CHECK(transit.reference.transfer == 3);
  CHECK(transit.reference.size == size - 1);
  Must(Receive(*sides.child, std::move(transit), there));
  CHECK(there.bytes().data() == place_there);
  CHECK(there.size() == size - 1);
}

TEST_CASE("pool: one side that makes and another that frees come to a steady state") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  std::set<ShmemId> ids;
  std::size_t handles = 0;
  Shmem shown;
  for (int frame = 0; frame < 100; ++frame) {
    Shmem drawn = Must(sides.child->Allocate(kMiB));
    ids.insert(drawn.id());
    auto transit = Must(Send(*sides.child, drawn));
    handles += transit.handles.size();
    Shmem arrived;
    Must(Receive(*sides.parent, std::move(transit), arrived));
    shown = std::move(arrived);  // frees the one before
    sides.TellReleases();
  }
  CHECK(ids.size() == 2);
  CHECK(handles == 2);
  CHECK(sides.child->pool_statistics().hits == 98);
}

TEST_CASE("pool: what there is no room for is unmapped on both sides") {
  const testing::LeakCheck leak_check;
  TwoSides sides(Pools(8192));
  Shmem kept = Must(sides.parent->Allocate(8192));
  Shmem ours = sides.ToParent(sides.ToChild(Must(sides.parent->Allocate(4096))));
  Shmem theirs = sides.ToChild(Must(sides.parent->Allocate(4096)));
  const Shmem larger_than_the_pool = Must(sides.parent->Allocate(8193));
  CHECK(ShmemAccess::record(const_cast<Shmem&>(larger_than_the_pool))->memory().size() == 8193);
  kept = Shmem();
  ours = Shmem();    // RELEASE
  theirs = Shmem();  // RELEASE there, and here again
  const auto releases = sides.TellReleases();
  CHECK(releases.size() == 3);
  CHECK(std::ranges::count(releases, true, &ShmemRelease::keeps_mapping) == 1);
  CHECK(sides.parent->pool_statistics().bytes == 8192);
  CHECK(sides.child->pool_statistics().pieces == 0);
}

TEST_CASE("pool: a side maps no more of what it has given back than its own pool might hold") {
  const testing::LeakCheck leak_check;
  ChannelOptions small;
  small.max_shmem_count = 8;
  TwoSides sides({}, small);
  for (int round = 0; round < 3; ++round) {
    std::vector<Shmem> there;
    for (int i = 0; i < 8; ++i) {
      there.push_back(sides.ToChild(Must(sides.parent->Allocate(4096))));
    }
    CHECK(sides.child->Allocate(1).error() == Errc::kOverQuota);
    there.clear();
    Must(sides.child->Allocate(1));  // before the other side has said anything
    const auto releases = sides.TellReleases();
    CHECK(releases.size() == 8);
    CHECK(std::ranges::count(releases, true, &ShmemRelease::keeps_mapping) == 2);
  }
}

TEST_CASE("pool: it takes a quarter of what the channel may have, and makes way") {
  const testing::LeakCheck leak_check;
  ChannelOptions options;
  options.max_shmem_bytes = 4 * kMiB;
  options.max_shmem_count = 8;
  TwoSides sides(options);
  std::vector<Shmem> some;
  for (int i = 0; i < 8; ++i) some.push_back(Must(sides.parent->Allocate(4096)));
  CHECK(sides.parent->Allocate(1).error() == Errc::kOverQuota);
  some.resize(5);
  CHECK(sides.parent->pool_statistics().pieces == 2);
  SECTION("for this side's own") {
    const Shmem large = Must(sides.parent->Allocate(3 * kMiB + kMiB / 2));
    CHECK(sides.parent->Allocate(kMiB).error() == Errc::kOverQuota);
    CHECK(sides.parent->pool_statistics().pieces == 0);
  }
  SECTION("for what comes from the peer") {
    some.push_back(Must(sides.parent->Allocate(kMiB - 4096)));
    Shmem large = sides.ToParent(Must(sides.child->Allocate(3 * kMiB - 24576)));
    CHECK(large.state() == ShmemState::kOwned);
    CHECK(sides.parent->pool_statistics().pieces == 0);
  }
  CHECK(sides.parent->pool_statistics().trims == 2);
}

TEST_CASE("pool: an allocation never fails because it was rounded up") {
  ChannelOptions options;
  options.max_shmem_bytes = 40'960;
  TwoSides sides(options);
  const Shmem large = Must(sides.parent->Allocate(36'000));
  const Shmem exact = Must(sides.parent->Allocate(4'960));
  CHECK(sides.parent->Allocate(1).error() == Errc::kOverQuota);
}

TEST_CASE("pool: what was not used between two looks is let go, and what was used is not") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  int announced = 0;
  sides.parent->WatchPool([&] { ++announced; });
  Shmem one = sides.ToParent(sides.ToChild(Must(sides.parent->Allocate(4096))));
  Shmem two = sides.ToParent(sides.ToChild(Must(sides.parent->Allocate(4096))));
  CHECK(announced == 0);
  one = Shmem();
  two = Shmem();
  CHECK(announced == 1);  // and a timer runs from here on
  CHECK(sides.parent->TrimIdle());
  two = Must(sides.parent->Allocate(4096));
  two = Shmem();
  CHECK(sides.parent->TrimIdle());
  CHECK(sides.parent->pool_statistics().pieces == 1);
  CHECK(sides.TellReleases().size() == 1);
  CHECK_FALSE(sides.parent->TrimIdle());
  CHECK(sides.TellReleases().size() == 1);
  CHECK(sides.parent->pool_statistics().trims == 2);
  CHECK(announced == 1);
  one = Must(sides.parent->Allocate(4096));
  one = Shmem();
  CHECK(announced == 2);
}

TEST_CASE("pool: trimmed by hand it is empty, and the peer unmaps as well") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem shmem = sides.ToChild(Must(sides.parent->Allocate(4096)));
  const ShmemId id = shmem.id();
  shmem = Shmem();
  sides.TellReleases();
  sides.parent->Trim();
  const auto releases = sides.TellReleases();
  REQUIRE(releases.size() == 1);
  CHECK_FALSE(releases[0].keeps_mapping);
  CHECK(releases[0].transfers == 2);
  CHECK(sides.child->PeerReleased({id, 2}).error() == Rule::kShmemId);
  sides.parent->Trim();
  CHECK(sides.TellReleases().empty());
}

TEST_CASE("pool: switched off, memory is as large as was asked for and gone when it is freed") {
  const testing::LeakCheck leak_check;
  const bool child_pools = GENERATE(false, true);
  TwoSides sides(Pools(0), Pools(child_pools ? kMiB : 0));
  Shmem shmem = Must(sides.parent->Allocate(100));
  CHECK(ShmemAccess::record(shmem)->memory().size() == 100);
  Shmem there = sides.ToChild(std::move(shmem));
  there = Shmem();
  const auto releases = sides.TellReleases();
  REQUIRE(releases.size() == 1);
  CHECK_FALSE(releases[0].keeps_mapping);

  // Of the other side's making, which may want it back.
  Shmem of_child = sides.ToParent(Must(sides.child->Allocate(100)));
  of_child = Shmem();
  CHECK(sides.TellReleases().size() == 1);
  CHECK(sides.child->pool_statistics().pieces == 0);
}

TEST_CASE("pool: unsafe memory never comes into it") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  { const UnsafeShmem unsafe = Must(sides.parent->AllocateUnsafe(4096)); }
  CHECK(sides.parent->pool_statistics().pieces == 0);
}

TEST_CASE("pool: what lies in it ends with the channel") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem shmem = sides.ToChild(Must(sides.parent->Allocate(kMiB)));
  shmem = Shmem();
  sides.TellReleases();
  CHECK(sides.parent->pool_statistics().pieces == 1);
  sides.parent->Close();
  sides.child->Close();
  CHECK(sides.parent->pool_statistics().pieces == 0);
  CHECK_FALSE(sides.parent->TrimIdle());
}

// Whoever has had memory may still map it, and wiping it would not help.
TEST_CASE("pool: memory that one peer has had is never another's") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  TwoSides others;
  Shmem shmem = Must(sides.parent->Allocate(kMiB));
  auto transit = Must(Send(*sides.parent, shmem));
  const auto kept = Must(platform::SharedMemory::Adopt(Must(transit.handles[0].Duplicate()), kMiB));
  const auto watched = Must(kept.Map({.revocation = platform::Revocation::kNone}));
  Shmem there;
  Must(Receive(*sides.child, std::move(transit), there));
  Write(there, 'x');
  there = Shmem();
  sides.TellReleases();

  Shmem of_others = Must(others.parent->Allocate(kMiB));
  Write(of_others, 'c');  // the canary
  CHECK(HoldsOnly(watched.bytes(), 'x'));
  Shmem again = Must(sides.parent->Allocate(kMiB));
  Write(again, 'y');
  CHECK(HoldsOnly(watched.bytes(), 'y'));  // so it would have been seen
  CHECK(HoldsOnly(of_others.bytes(), 'c'));
}

TEST_CASE("pool: lent memory comes back to the lender, who lends it again") {
  const testing::LeakCheck leak_check;
  ChannelOptions options;
  options.max_lent_bytes = kMiB;
  TwoSides sides(options);
  ShmemId id;
  for (int round = 1; round <= 3; ++round) {
    Shmem lent = Must(sides.parent->Lend(kMiB));
    CHECK(sides.parent->Lend(1).error() == Errc::kOverQuota);
    if (round == 1) id = lent.id();
    CHECK(lent.id() == id);
    auto transit = Must(Send(*sides.parent, lent));
    CHECK(transit.handles.size() == (round == 1 ? 1 : 0));
    Shmem borrowed;
    Must(sides.child->ArriveLent({wire::Kind::kShmem, &borrowed, transit.reference},
                                 std::move(transit.handles), kMiB));
    CHECK(borrowed.size() == kMiB);
    borrowed = Shmem();
    CHECK(sides.TellReleases().size() == 1);
    CHECK(sides.parent->pool_statistics().pieces == 1);
  }
}

TEST_CASE("pool: lent memory is backed before this side uses it itself") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  ShmemId id;
  {
    const Shmem lent = Must(sides.parent->Lend(kMiB));  // it could not be sent
    id = lent.id();
  }
  Shmem ours = Must(sides.parent->Allocate(kMiB));
  CHECK(ours.id() == id);
  struct stat object = {};
  REQUIRE(::fstat(ShmemAccess::record(ours)->memory().handle().get(), &object) == 0);
  CHECK(object.st_blocks * 512 == static_cast<std::int64_t>(kMiB));
}

}  // namespace
}  // namespace baton::internal
