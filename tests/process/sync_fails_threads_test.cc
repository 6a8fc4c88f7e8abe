// Sync messages with `fails`: an error of the protocol's own is a value, and a refusal is an error.
#include <catch2/catch.hpp>
#include <string>

#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

PEER(AnswersSyncFails) {
  RunSyncParent(std::move(channel_end));
}

TEST_CASE("sync fails: SendX returns the answer or the error that the protocol has") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSyncFails);
  AskingSide child(peer, transport);
  const auto divided = Must(child.actor->SendDivide(42, 6));
  REQUIRE(divided.index() == 0);
  CHECK(std::get<0>(divided) == 7);
  const auto failed = Must(child.actor->SendDivide(42, 0));
  REQUIRE(failed.index() == 1);
  CHECK(std::get<1>(failed) == ::testing::SyncError::kByZero);
  CHECK(Must(child.actor->SendCheck(1)).index() == 0);
  CHECK(std::get<1>(Must(child.actor->SendCheck(11))) == ::testing::SyncError::kTooLarge);
  child.CloseAndRun();
}

TEST_CASE("sync fails: memory comes back with the answer, and stays with who failed") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSyncFails);
  AskingSide child(peer, transport);
  Shmem memory = Must(child.actor->AllocShmem(5000));
  auto filled = Must(child.actor->SendFill(std::move(memory), 9));
  REQUIRE(filled.index() == 0);
  CHECK(std::get<0>(filled).size == 5000);
  Shmem& back = std::get<0>(filled).memory_back;
  CHECK(back.bytes()[4999] == std::byte{9});
  const auto failed = Must(child.actor->SendFill(std::move(back), 0));
  REQUIRE(failed.index() == 1);
  CHECK(std::get<1>(failed).what == "nothing to fill with");
  child.CloseAndRun();
}

TEST_CASE("sync fails: a refusal is no error of the protocol's own") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSyncFails);
  AskingSide child(peer, transport);
  CHECK(child.actor->SendDivide(13, 1).error() == std::errc::device_or_resource_busy);
  CHECK(std::get<0>(Must(child.actor->SendDivide(14, 2))) == 7);
  child.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
