// Programs that were started on their own find each other.
#include <unistd.h>
#include <catch2/catch.hpp>

#include "tests/process/meeting.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(Guest) {
  RunGuest(channel_end);
}

TEST_CASE("meeting: two programs meet at a path or an abstract name, and talk") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const bool is_abstract = GENERATE(true, false);
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = is_abstract ? FreshAbstractName() : (folder.path() / "socket").string()});
  Peer peer = START_PEER(kind, Guest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.Meet();
  host.RunUntil([&] { return host.met; });
  REQUIRE_FALSE(host.error);
  CHECK(host.peer.pid == (kind == PeerKind::kProcess ? peer.pid() : getpid()));
  CHECK(host.peer.uid == geteuid());
  CHECK(host.peer.gid == getegid());
  host.TalkAndClose();
  CHECK(host.listener.statistics().admitted == 1);
}

}  // namespace
}  // namespace baton::testing
