// Sync messages to a process that stops, dies or goes: the wait ends all the same.
#include <catch2/catch.hpp>
#include <csignal>
#include <vector>

#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

PEER(Answers) {
  RunSyncParent(std::move(channel_end));
}

// Has its end of the channel, and never reads it.
PEER(NeverBinds) {
  const Link link = Accept(std::move(channel_end));
  pollfd never = {link.parts.socket.get(), 0, 0};
  PEER_EXPECT(::poll(&never, 1, -1) == 1);  // until the other end hangs up
}

Transport EachTransportToProcess() {
  return {PeerKind::kProcess, GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep)};
}

TEST_CASE("sync: a peer that is stopped costs the deadline, and no more") {
  const Transport transport = EachTransportToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answers);
  AskingSide child(peer, transport);
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
  const auto stopped = child.actor->SendAsk(2, 50ms);
  REQUIRE(::kill(peer.pid(), SIGCONT) == 0);
  CHECK(stopped.error() == std::errc::timed_out);
  CHECK(Must(child.actor->SendAsk(3)) == 4);
  CHECK(child.actor->statistics().answers_late == 1);
  child.CloseAndRun();
}

TEST_CASE("sync: a peer that never says HELLO costs the deadline") {
  const Transport transport = EachTransportToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, NeverBinds);
  AskingSide child(peer, transport);
  CHECK(child.actor->SendAsk(1, 50ms).error() == std::errc::timed_out);
  child.actor->Close();
  child.io.run();
  CHECK(child.actor->destroyed == 1);
}

TEST_CASE("sync: the death of the peer ends the wait") {
  const Transport transport = EachTransportToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answers);
  AskingSide child(peer, transport);
  SECTION("while it answers") {
    CHECK(child.Do(Action::kDie).error() == Errc::kPeerDied);
  }
  SECTION("behind data, which is dispatched before the end") {
    Must(child.actor->SendFetch(100, 100, 1));
    CHECK(child.Do(Action::kDie).error() == Errc::kPeerDied);
    CHECK(child.actor->pieces.empty());
    CHECK(child.actor->SendAsk(1).error() == Errc::kPeerDied);
  }
  (void)peer.AwaitEnd();
  const std::size_t expected = child.actor->pieces.size();
  child.io.run();
  CHECK(child.actor->destroyed == 1);
  CHECK(child.actor->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(child.actor->close_error() == Errc::kPeerDied);
  CHECK((child.actor->pieces.size() == 0 || child.actor->pieces.size() == 100 + expected));
}

TEST_CASE("sync: a peer that is killed before the question ends it as well") {
  const Transport transport = EachTransportToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answers);
  AskingSide child(peer, transport);
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  peer.Kill();
  CHECK(child.actor->SendAsk(1).error() == Errc::kPeerDied);
  child.io.run();
  CHECK(child.actor->destroyed == 1);
}

}  // namespace
}  // namespace baton::testing
