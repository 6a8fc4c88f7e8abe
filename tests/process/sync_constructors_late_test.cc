// Sync constructors whose answer comes when nobody waits for it any more.
#include <catch2/catch.hpp>
#include <utility>

#include "tests/process/new_room.h"
#include "tests/process/sync_both_sides.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kFailed = ActorDestroyReason::kFailedConstructor;
constexpr auto kDeleted = ActorDestroyReason::kDeletion;

TEST_CASE("sync constructors: after its deadline the actor lives on, or ends by a late refusal") {
  const Path path = EachPath();
  const Guarded guarded;
  BothSides sides(path);
  NewRoom room(*sides.child);
  NewRoom refused(*sides.child);
  CHECK(room.Make(Room::kOpen, 1ms).error() == std::errc::timed_out);
  CHECK(refused.Make(Room::kRefused, 0ms).error() == std::errc::timed_out);
  CHECK(room.actor->CanSend());
  CHECK(refused.actor->CanSend());
  sides.RunUntil([&] { return sides.child->statistics().answers_late == 2; });
  CHECK(room.actor->CanSend());
  CHECK(sides.parent->rooms.size() == 2);
  CHECK(room.actor->SendKnock(0ms).error() == std::errc::timed_out);
  sides.RunUntil([&] { return sides.parent->rooms.front()->knocks == 1; });
  sides.RunUntil([&] { return !refused.ends.empty(); });
  CHECK(refused.ends == RoomEnds{kFailed});
  CHECK(room.ends.empty());
  Must(room.actor->Send__delete__());
  sides.RunUntil([&] { return sides.parent->room_ends.size() == 2; });
  CHECK(sides.parent->room_ends == RoomEnds{kFailed, kDeleted});
  sides.CloseAndRun();
}

TEST_CASE("sync constructors: one waits for the endpoint above it to be bound") {
  const Path path = EachPath();
  const Guarded guarded;
  RoomEnds ends;
  RoomEnds desk_ends;
  BothSides sides(path);
  const auto room = std::make_shared<SyncRoomChild>(ends);
  auto endpoint = Must(sides.child->OpenPSyncRoomEndpoint(room));
  const auto desk = std::make_shared<SyncDeskChild>();
  desk->ends = &desk_ends;
  CHECK(room->SendPSyncDeskConstructor(desk, "Ada", 1ms).error() == std::errc::timed_out);
  SECTION("and is answered then") {
    Must(sides.child->SendTakeRoom(std::move(endpoint)));
    sides.RunUntil([&] { return sides.child->statistics().answers_late == 1; });
    CHECK(desk->CanSend());
    REQUIRE(sides.parent->rooms.size() == 1);
    CHECK(sides.parent->rooms.front()->ManagedPSyncDeskParent().size() == 1);
  }
  SECTION("and is refused when that is dropped") {
    sides.parent->drops_endpoints = true;
    Must(sides.child->SendTakeRoom(std::move(endpoint)));
    sides.RunUntil([&] { return desk_ends.size() + ends.size() == 2; });
    CHECK(sides.child->statistics().answers_late == 1);
    CHECK(ends == RoomEnds{ActorDestroyReason::kManagedEndpointDropped});
    CHECK(desk_ends.size() == 1);
  }
  sides.CloseAndRun();
}

TEST_CASE("sync constructors: those that waited for an endpoint are open until they are answered") {
  const Path path = EachPath();
  const Guarded guarded;
  BothSides sides(path);
  constexpr std::uint64_t kMoreThanMayBeOpen = 1'030;
  for (std::uint64_t n = 1; n <= kMoreThanMayBeOpen; ++n) {
    RoomEnds ends;
    const auto room = std::make_shared<SyncRoomChild>(ends);
    auto endpoint = Must(sides.child->OpenPSyncRoomEndpoint(room));
    const auto desk = std::make_shared<SyncDeskChild>();
    REQUIRE(room->SendPSyncDeskConstructor(desk, "x", 0ms).error() == std::errc::timed_out);
    Must(sides.child->SendTakeRoom(std::move(endpoint)));
    sides.RunUntil([&] { return sides.child->statistics().answers_late == n; });
    REQUIRE(desk->CanSend());
    Must(room->Send__delete__());
    sides.RunUntil([&] { return !ends.empty(); });
  }
  sides.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
