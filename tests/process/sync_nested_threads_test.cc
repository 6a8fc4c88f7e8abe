// Sync messages in both directions at once, and what a handler may do inside of a wait.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

PEER(AnswersNested) {
  RunSyncParent(std::move(channel_end));
}

TEST_CASE("nested: a question that is nested is handled inside of the wait") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  CHECK(Must(child.actor->SendDive(0)) == 0);
  CHECK(Must(child.actor->SendDive(1)) == 1);
  CHECK(child.actor->dives == 1);
  CHECK(Must(child.actor->SendDive(20)) == 20);
  CHECK(child.actor->dives == 11);
  child.CloseAndRun();
}

TEST_CASE("nested: it passes data by that was sent before it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  Must(child.actor->SendFetch(50, 100, 1));
  std::size_t seen = 99;
  child.actor->on_dive = [&] { seen = child.actor->pieces.size(); };
  CHECK(Must(child.actor->SendDive(1)) == 1);
  CHECK(seen == 0);
  child.RunUntil([&] { return child.actor->pieces.size() == 50; });
  child.CloseAndRun();
}

TEST_CASE("nested: nobody goes deeper than the limit, and all come back") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  const auto deep = std::errc::resource_deadlock_would_occur;
  CHECK(child.actor->SendDive(1'000).error() == deep);
  CHECK(child.actor->dives == 32);
  CHECK(child.Do(Action::kDiveDeep).error() == deep);
  CHECK(Must(child.actor->SendDive(3)) == 3);
  child.CloseAndRun();
}

TEST_CASE("nested: a question that nobody would look at is refused at once") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  std::error_code refused;
  child.actor->on_dive = [&] { refused = child.actor->SendAsk(1).error(); };
  CHECK(Must(child.actor->SendDive(1)) == 1);
  CHECK(refused == std::errc::resource_deadlock_would_occur);
  child.CloseAndRun();
}

TEST_CASE("nested: a handler inside of a wait may close the channel") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  child.actor->on_dive = [&] { child.actor->Close(); };
  CHECK(child.actor->SendDive(1).error() == Errc::kClosed);
  child.io.run();
  CHECK(child.actor->destroyed == 1);
}

TEST_CASE("nested: a handler inside of a wait may let go of everything") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  SyncChild* const alive = child.actor.get();
  alive->on_dive = [&, alive] {
    child.actor.reset();
    alive->Close();
  };
  CHECK(alive->SendDive(1).error() == Errc::kClosed);
  child.io.run();
}

TEST_CASE("nested: what a handler inside of a wait throws leaves SendX and ends the channel") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  child.actor->on_dive = [] { throw std::string("a test"); };
  CHECK_THROWS_AS((void)child.actor->SendDive(1), std::string);
  child.io.run();
  CHECK(child.actor->destroyed == 1);
  CHECK(child.actor->reason == ActorDestroyReason::kAbnormalShutdown);
}

TEST_CASE("nested: an actor that is deleted inside of its wait waits no longer") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  Must(child.Do(Action::kMakePart));
  child.RunUntil([&] { return child.actor->parts.size() == 1; });
  const auto part = child.actor->parts.front();
  CHECK(Must(part->SendAskPart(1)) == 2);
  SECTION("before it asks") {
    Must(part->Send__delete__());
    CHECK(part->SendAskPart(1).error() == Errc::kActorGone);
  }
  SECTION("inside of its own wait") {
    child.actor->on_dive = [&] { Must(part->Send__delete__()); };
    CHECK(part->SendAskPart(kAsksBack).error() == Errc::kActorGone);
  }
  SECTION("inside of the top-level actor's wait") {
    child.actor->on_dive = [&] { Must(part->Send__delete__()); };
    CHECK(Must(child.actor->SendDive(1)) == 1);
    CHECK(part->SendAskPart(1).error() == Errc::kActorGone);
  }
  child.CloseAndRun();
}

TEST_CASE("nested: what is ahead of an actor's constructor finds no actor, and that is no fault") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  CHECK(child.actor->SendNewPart().error() == Errc::kActorGone);  // the answer names it
  CHECK(child.Do(Action::kShowPart).error() == Errc::kActorGone);
  CHECK(child.Do(Action::kTouchPart).error() == Errc::kActorGone);
  child.RunUntil([&] { return child.actor->parts.size() == 3; });
  CHECK(child.actor->parts[2]->touched == 0);
  CHECK(Must(child.actor->parts[2]->SendAskPart(1)) == 2);
  child.CloseAndRun();
}

TEST_CASE("nested: a handler inside of a wait may run the loop") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  AskingSide child(peer, transport);
  Must(child.actor->SendFetch(10, 10, 1));
  int ran = 0;
  child.actor->on_dive = [&] {
    boost::asio::post(child.io, [&] { ++ran; });
    child.io.restart();
    while (child.io.poll_one() > 0 && ran == 0) {
    }
  };
  CHECK(Must(child.actor->SendDive(1)) == 1);
  CHECK(ran == 1);
  CHECK(child.actor->pieces.empty());
  child.RunUntil([&] { return child.actor->pieces.size() == 10; });
  child.CloseAndRun();
}

// --- Crossing ------------------------------------------------------------------------------------

void CrossEachOther(Peer& peer, Transport transport, std::uint64_t count) {
  AskingSide child(peer, transport);
  std::uint64_t theirs = 0;
  child.actor->on_piece = [&] { theirs = child.actor->pieces.back(); };
  Must(child.actor->SendCross(count));
  for (std::uint64_t mine = 0; mine < count; ++mine) {
    const auto reached = child.actor->SendDive(0);
    if (!reached) FAIL("after " << mine << ": " << reached.error().message());
  }
  child.RunUntil([&] { return theirs != 0; });
  CHECK(theirs == count);
  CHECK(child.actor->dives == count);
  child.CloseAndRun();
}

TEST_CASE("nested: sync messages that cross do not wait for each other") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersNested);
  CrossEachOther(peer, transport, 2'000);
}

TEST_CASE("nested: 100,000 sync messages cross as many") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(kind, AnswersNested);
  CrossEachOther(peer, {kind, Path::kRing}, IsSanitized() ? 10'000 : 100'000);
}

}  // namespace
}  // namespace baton::testing
