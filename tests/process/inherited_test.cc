// What a program that has channels starts does not get to hold any of what they have.
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(InheritedPartner) {
  RunEchoChild(std::move(channel_end));
}

// The handles of a program that is started as anybody may start one.
std::string HandlesOfAnotherProgram() {
  std::FILE* const listing = ::popen("ls /proc/self/fd", "re");
  REQUIRE(listing != nullptr);
  std::string all;
  for (int character = std::fgetc(listing); character != EOF; character = std::fgetc(listing)) {
    all += static_cast<char>(character);
  }
  CHECK(::pclose(listing) == 0);
  return all;
}

TEST_CASE("a program that is started meanwhile inherits nothing of a channel") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  const std::string before = HandlesOfAnotherProgram();
  CHECK_FALSE(before.empty());
  Peer peer = START_PEER(transport.peer, InheritedPartner);
  ParentSide parent(peer, transport);
  // Ours that has gone over, the peer's own kept there, and one that comes back.
  Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(4096))));
  Shmem back;
  parent.actor->SendFill(Must(parent.actor->AllocShmem(4096)), 1,
                         [&](error_code error, Shmem memory) {
                           CHECK_FALSE(error);
                           back = std::move(memory);
                         });
  parent.RunUntil([&] { return back.state() == ShmemState::kOwned; });
  CHECK(HandlesOfAnotherProgram() == before);
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
