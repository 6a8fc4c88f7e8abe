// Sync constructors: the new actor is there while SendX waits, and what becomes of it.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/process/new_room.h"
#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kFailed = ActorDestroyReason::kFailedConstructor;
constexpr auto kDeleted = ActorDestroyReason::kDeletion;

PEER(AnswersConstructors) {
  RunSyncParent(std::move(channel_end));
}
PEER(HasRoomForTwo) {
  RunSyncParent(std::move(channel_end), 2);
}

// Until all that has ended by now has heard of it.
void RunEnds(AskingSide& child, const NewRoom& room) {
  child.RunUntil([&] { return !room.ends.empty(); });
}

TEST_CASE("sync constructors: SendX returns the answer, and the actor is there") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom first(*child.actor);
  NewRoom second(*child.actor);
  CHECK(Must(first.Make(Room::kOpen)) == 1);  // waits for HELLO as well
  CHECK(Must(second.Make(Room::kOpen, 20s)) == 2);
  CHECK(Must(first.actor->SendKnock()) == 1);
  CHECK(Must(second.actor->SendKnock()) == 1);
  CHECK(Must(first.actor->SendKnock()) == 2);
  CHECK(first.actor->Manager() == child.actor);
  Must(first.actor->Send__delete__());
  CHECK(first.actor->SendKnock().error() == Errc::kActorGone);
  CHECK(Must(second.actor->SendKnock()) == 2);
  child.CloseAndRun();
  CHECK(first.ends == RoomEnds{kDeleted});
  CHECK(second.ends == RoomEnds{ActorDestroyReason::kNormalShutdown});
}

TEST_CASE("sync constructors: without `returns` SendX says that the actor is there") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom room(*child.actor);
  Must(room.Make(Room::kOpen));
  const auto desk = std::make_shared<SyncDeskChild>();
  CHECK(room.actor->SendPSyncDeskConstructor(desk, "Ada"));
  CHECK(Must(desk->SendOwner()) == "Ada");
  const auto refused = std::make_shared<SyncDeskChild>();
  CHECK(room.actor->SendPSyncDeskConstructor(refused, "").error() == Errc::kRejected);
  CHECK_FALSE(refused->CanSend());
  CHECK(Must(desk->SendOwner()) == "Ada");
  child.CloseAndRun();
}

TEST_CASE("sync constructors: with `fails` an error of the protocol's own is an answer") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  static_assert(SyncChild::kPSyncVaultConstructorDeadline == 20s);
  const auto vault = std::make_shared<SyncVaultChild>();
  const auto made = Must(child.actor->SendPSyncVaultConstructor(vault, "Ada"));
  REQUIRE(made.index() == 0);
  CHECK(std::get<0>(made).number == 3);
  CHECK(std::get<0>(made).greeting == "hello Ada");
  const auto other = std::make_shared<SyncVaultChild>();
  const auto answer = Must(child.actor->SendPSyncVaultConstructor(other, ""));
  REQUIRE(answer.index() == 1);
  CHECK(std::get<1>(answer) == ::testing::SyncError::kByZero);
  for (const auto& one : {vault, other}) CHECK(std::get<0>(Must(one->SendOpen(7))) == "gold");
  const auto refused = std::make_shared<SyncVaultChild>();
  CHECK(child.actor->SendPSyncVaultConstructor(refused, "refused").error() == Errc::kRejected);
  CHECK_FALSE(refused->CanSend());
  child.CloseAndRun();
}

TEST_CASE("sync constructors: one that fails ends the actor on both sides, and nothing else") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom good(*child.actor);
  Must(good.Make(Room::kOpen));
  NewRoom room(*child.actor);
  std::uint64_t ended_there = 1;
  SECTION("no actor") {
    CHECK(room.Make(Room::kNone).error() == Errc::kRejected);
    ended_there = 0;
  }
  SECTION("an error") {
    CHECK(room.Make(Room::kRefused).error() == std::errc::device_or_resource_busy);
  }
  SECTION("an actor that has been deleted in there") {
    CHECK(room.Make(Room::kDeletesItself).error() == Errc::kActorGone);
    ended_there = 0;  // for another reason
  }
  CHECK_FALSE(room.actor->CanSend());  // at once
  CHECK(room.actor->SendKnock().error() == Errc::kActorGone);
  CHECK(room.ends.empty());  // never inside of a call
  RunEnds(child, room);
  CHECK(room.ends == RoomEnds{kFailed});
  Must(child.actor->SendAsk(1));
  CHECK(Must(good.actor->SendKnock()) == 1);
  while (Must(child.Do(Action::kCountFailed)) < ended_there) {
  }
  CHECK(Must(child.Do(Action::kCountFailed)) == ended_there);
  child.CloseAndRun();
  CHECK(room.ends == RoomEnds{kFailed});
}

TEST_CASE("sync constructors: where there is no room the actor ends") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, HasRoomForTwo);
  AskingSide child(peer, transport);
  NewRoom first(*child.actor);
  NewRoom second(*child.actor);
  NewRoom third(*child.actor);
  Must(first.Make(Room::kOpen));
  Must(second.Make(Room::kOpen));
  CHECK(third.Make(Room::kOpen).error() == Errc::kOverQuota);
  RunEnds(child, third);
  CHECK(third.ends == RoomEnds{kFailed});
  Must(first.actor->Send__delete__());
  NewRoom fourth(*child.actor);
  CHECK(Must(fourth.Make(Room::kOpen)) == 3);
  CHECK(Must(fourth.actor->SendKnock()) == 1);
  child.CloseAndRun();
}

TEST_CASE("sync constructors: what cannot be sent changes nothing") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom room(*child.actor);
  CHECK(child.actor->SendPSyncRoomConstructor(nullptr, 0).error() == Errc::kWrongActor);
  Must(room.Make(Room::kOpen));
  CHECK(room.Make(Room::kOpen).error() == Errc::kWrongActor);  // bound already
  CHECK(Must(room.actor->SendKnock()) == 1);
  child.CloseAndRun();
  NewRoom late(*child.actor);
  CHECK(late.Make(Room::kOpen).error() == Errc::kClosed);
  CHECK(late.actor->SendKnock().error() == Errc::kNotBound);
}

TEST_CASE("sync constructors: the new actor is spoken to inside of the wait for it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom room(*child.actor);
  SECTION("and answers") {
    CHECK(Must(room.Make(Room::kKnocks)) == 1);
    CHECK(room.actor->knocks == 1);
    CHECK(Must(room.actor->SendKnock()) == 1);
  }
  SECTION("and asks back") {
    std::uint64_t knocks = 0;
    room.actor->on_knock = [&] { knocks = Must(room.actor->SendKnock()); };
    CHECK(Must(room.Make(Room::kKnocks)) == 1);
    CHECK(knocks == 1);
  }
  SECTION("and is deleted") {
    room.actor->on_knock = [&] { Must(room.actor->Send__delete__()); };
    CHECK(room.Make(Room::kKnocks).error() == Errc::kActorGone);
    RunEnds(child, room);
    CHECK(room.ends == RoomEnds{kDeleted});
    CHECK(Must(child.actor->SendAsk(1)) == 2);
  }
  child.CloseAndRun();
}

TEST_CASE("sync constructors: a nested one is handled inside of the wait") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  SECTION("and its actor answers there") {
    CHECK(Must(child.Do(Action::kMakeRoom)) == 1);
    CHECK(child.actor->rooms.size() == 1);
  }
  SECTION("and may fail") {
    CHECK(Must(child.Do(Action::kMakeRoomRefused)) == 1);
    child.RunUntil([&] { return !child.actor->room_ends.empty(); });
    CHECK(child.actor->room_ends == RoomEnds{kFailed});
    while (Must(child.Do(Action::kCountFailed)) == 0) {
    }
  }
  SECTION("and passes constructors by that were sent before it") {
    CHECK(Must(child.Do(Action::kMakePartAndRoom)) == 1);
    CHECK(child.actor->parts.empty());
    CHECK(Must(child.Do(Action::kMakePartAndRoom)) == 1);
    CHECK(child.actor->rooms.size() == 2);
    child.RunUntil([&] { return child.actor->parts.size() == 2; });
    CHECK(Must(child.actor->parts.back()->SendAskPart(1)) == 2);
  }
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  child.CloseAndRun();
}

TEST_CASE("sync constructors: a nested one leaves alone what has waited for an endpoint") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  Must(child.Do(Action::kAskWhenBound));
  NewRoom room(*child.actor);
  NewRoom counting(*child.actor);
  auto endpoint = Must(child.actor->OpenPSyncRoomEndpoint(room.actor));
  const auto desk = std::make_shared<SyncDeskChild>();
  CHECK(room.actor->SendPSyncDeskConstructor(desk, "Ada", 1ms).error() == std::errc::timed_out);
  std::uint64_t desks = 99;
  child.actor->on_dive = [&] { desks = Must(counting.Make(Room::kCountsDesks)); };
  Must(child.actor->SendTakeRoom(std::move(endpoint)));
  child.RunUntil([&] { return child.actor->statistics().answers_late == 1; });
  CHECK(desks == 0);
  CHECK(Must(desk->SendOwner()) == "Ada");
  child.CloseAndRun();
}

TEST_CASE("sync constructors: the end of the channel ends the wait") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersConstructors);
  AskingSide child(peer, transport);
  NewRoom room(*child.actor);
  auto reason = ActorDestroyReason::kAbnormalShutdown;
  SECTION("by the peer's close") {
    CHECK(room.Make(Room::kCloses).error() == Errc::kPeerClosed);
    reason = ActorDestroyReason::kNormalShutdown;
  }
  SECTION("by a fault of ours") {
    CHECK(room.Make(Room::kAccused).error() == Errc::kPeerDied);
  }
  SECTION("by the peer's death") {
    if (transport.peer == PeerKind::kThread) return (void)child.CloseAndRun();
    CHECK(room.Make(Room::kDies).error() == Errc::kPeerDied);
    (void)peer.AwaitEnd();
  }
  child.io.restart();
  child.io.run();
  CHECK(child.actor->destroyed == 1);
  CHECK(room.ends == RoomEnds{reason});
}

}  // namespace
}  // namespace baton::testing
