// A peer that lies about memory which is used again, as the tables of both sides see it.
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "tests/support/leak_check.h"
#include "tests/support/two_sides.h"
#include "tests/support/without_pool.h"

namespace baton::internal {
namespace {

using testing::Must;
using testing::WithoutPool;

TEST_CASE("pool: a capacity that is not the object's, or not that of the size, is refused") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem shmem = Must(sides.child->Allocate(5000));  // of 8,192
  auto transit = Must(Send(*sides.child, shmem));
  CHECK(transit.reference.capacity == 2);
  Shmem into;
  const auto arrive = [&] { return Receive(*sides.parent, std::move(transit), into).error(); };
  SECTION("a larger one") {
    transit.reference.capacity = 3;
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  SECTION("a larger one, of the size") {
    transit.reference.capacity = 3;
    transit.reference.size = 9000;
    CHECK(arrive() == Rule::kHandleSize);
  }
  SECTION("none") {
    transit.reference.capacity = 0;
    CHECK(arrive() == Rule::kHandleSize);
  }
  SECTION("the largest that can be said") {
    transit.reference.capacity = ~std::uint32_t{0};
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  SECTION("a size beyond it") {
    transit.reference.size = 8193;
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  SECTION("a size of a smaller class") {
    transit.reference.size = 4096;
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  SECTION("a size of nothing") {
    transit.reference.size = 0;
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  SECTION("a size that no class has") {
    transit.reference.size = ~std::uint64_t{0};
    CHECK(arrive() == Rule::kShmemCapacity);
  }
  CHECK(into.state() == ShmemState::kEmpty);
}

TEST_CASE("pool: a later transfer keeps the class") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem there = sides.ToChild(Must(sides.parent->Allocate(5000)));
  auto transit = Must(Send(*sides.child, there));
  Shmem into;
  SECTION("another size of it is taken") {
    transit.reference.size = 8192;
    Must(Receive(*sides.parent, std::move(transit), into));
    CHECK(into.size() == 8192);
  }
  std::error_code error = Rule::kShmemCapacity;
  const auto arrive = [&] {
    error = Receive(*sides.parent, std::move(transit), into).error();
    CHECK(into.state() == ShmemState::kEmpty);
  };
  SECTION("another capacity") {
    transit.reference.capacity = GENERATE(0, 1, 3);
    arrive();
  }
  SECTION("a size beyond it") {
    transit.reference.size = 8193;
    arrive();
  }
  SECTION("a size of another class") {
    transit.reference.size = GENERATE(0, 1, 4096);
    arrive();
  }
  CHECK(error == Rule::kShmemCapacity);
}

TEST_CASE("pool: memory of no class keeps its size, and unsafe memory has no class") {
  TwoSides sides(WithoutPool());
  Shmem there = sides.ToChild(Must(sides.parent->Allocate(5000)));
  auto transit = Must(Send(*sides.child, there));
  Shmem into;
  SECTION("a class that it never had") {
    transit.reference.capacity = 2;
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemCapacity);
  }
  SECTION("a smaller size") {
    transit.reference.size = 4999;
    CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kHandleSize);
  }
  SECTION("unsafe memory") {
    const UnsafeShmem unsafe = Must(sides.child->AllocateUnsafe(8192));
    wire::ShmemReference reference;
    reference.id_high = unsafe.id().high;
    reference.id_low = unsafe.id().low;
    reference.size = 8192;
    reference.handle = 0;
    reference.kind = wire::ShmemReference::kUnsafe;
    reference.capacity = 2;
    UnsafeShmem arrived;
    const wire::IncomingShmem incoming[] = {{wire::Kind::kUnsafeShmem, &arrived, reference}};
    std::vector<platform::Handle> handles;
    handles.push_back(
        Must(ShmemAccess::record(const_cast<UnsafeShmem&>(unsafe))->memory().handle().Duplicate()));
    CHECK(sides.parent->Arrive(incoming, std::move(handles)).error() == Rule::kShmemCapacity);
  }
}

TEST_CASE("pool: what lies in our pool is ours, whatever the peer says") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem there = sides.ToChild(Must(sides.parent->Allocate(4096)));
  const ShmemId id = there.id();
  there = Shmem();
  sides.TellReleases();
  REQUIRE(sides.parent->pool_statistics().pieces == 1);
  InTransit transit;
  transit.reference.id_high = id.high;
  transit.reference.id_low = id.low;
  transit.reference.size = 4096;
  transit.reference.capacity = 1;
  transit.reference.transfer = GENERATE(1U, 2U, 3U);
  Shmem into;
  CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kShmemState);
  CHECK(sides.parent->PeerReleased({id, 2}).error() == Rule::kShmemState);
  CHECK(sides.parent->PeerReleased({id, 2, true}).error() == Rule::kShmemState);
  CHECK(sides.parent->pool_statistics().pieces == 1);
}

TEST_CASE("pool: memory is given back only to who has made it, and recycles it") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  SECTION("the peer's own") {
    Shmem ours = sides.ToParent(Must(sides.child->Allocate(4096)));
    const ShmemId id = ours.id();
    Must(sides.child->Allocate(1));
    Shmem there = sides.ToChild(std::move(ours));
    CHECK(sides.parent->PeerReleased({id, 2, true}).error() == Rule::kShmemReturn);
  }
  SECTION("of no class") {
    TwoSides without(WithoutPool());
    const Shmem there = without.ToChild(Must(without.parent->Allocate(4096)));
    CHECK(without.parent->PeerReleased({there.id(), 1, true}).error() == Rule::kShmemReturn);
  }
  SECTION("that nobody knows") {
    CHECK(sides.parent->PeerReleased({ShmemId{1, 2}, 0, true}).error() == Rule::kShmemId);
  }
  SECTION("unsafe memory that was lent") {
    const UnsafeShmem lent = Must(sides.parent->LendUnsafe(4096));
    CHECK(sides.parent->PeerReleased({lent.id(), 0, true}).error() == Rule::kShmemId);
  }
  SECTION("by who does not own it") {
    const Shmem ours = sides.ToParent(sides.ToChild(Must(sides.parent->Allocate(4096))));
    CHECK(sides.parent->PeerReleased({ours.id(), 2, true}).error() == Rule::kShmemState);
  }
}

TEST_CASE("pool: what a lender names again must be of its own making, and of a class") {
  const testing::LeakCheck leak_check;
  TwoSides sides;
  Shmem borrowed;
  const auto answer = [&](InTransit transit, std::uint64_t asked) {
    return sides.child
        ->ArriveLent({wire::Kind::kShmem, &borrowed, transit.reference}, std::move(transit.handles),
                     asked)
        .error();
  };
  SECTION("the borrower's") {
    Shmem of_child = sides.ToParent(Must(sides.child->Allocate(4096)));
    CHECK(answer(Must(Send(*sides.parent, of_child)), 4096) == Rule::kShmemId);
  }
  SECTION("never seen") {
    Shmem lent = Must(sides.parent->Lend(4096));
    auto transit = Must(Send(*sides.parent, lent));
    transit.handles.clear();
    transit.reference.handle = wire::ShmemReference::kNoIndex;
    CHECK(answer(std::move(transit), 4096) == Rule::kShmemId);
  }
  SECTION("of no class") {
    Shmem lent = Must(sides.parent->Lend(4096));
    auto transit = Must(Send(*sides.parent, lent));
    transit.handles.clear();
    transit.reference.handle = wire::ShmemReference::kNoIndex;
    transit.reference.capacity = 0;
    CHECK(answer(std::move(transit), 4096) == Rule::kHandleIndex);
  }
  SECTION("of another size") {
    Shmem lent = Must(sides.parent->Lend(4096));
    CHECK(answer(Must(Send(*sides.parent, lent)), 4095) == Rule::kHandleSize);
  }
}

}  // namespace
}  // namespace baton::internal
