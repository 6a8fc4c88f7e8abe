#include <baton/platform/peer_identity.h>
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <baton/platform/local_listener.h>
#include <baton/platform/local_socket.h>

#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/scratch_folder.h"

namespace baton::platform {
namespace {

using namespace baton::testing;

bool HasEnded(const Handle& death) {
  pollfd state = {death.get(), POLLIN, 0};
  return ::poll(&state, 1, 0) == 1;
}

void AwaitEnd(const Handle& socket) {
  pollfd state = {socket.get(), POLLIN, 0};
  REQUIRE(::poll(&state, 1, static_cast<int>(kPatience.count())) == 1);
}

std::string Path(const ScratchFolder& folder) {
  return (folder.path() / "socket").string();
}

TEST_CASE("PeerIdentity: both ends of a connection know whose the other is") {
  const Guarded guarded;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(Path(folder), 0600));
  const Handle guest = Must(ConnectLocal(Path(folder)));
  const Handle host = Must(listener.Accept());
  const PeerIdentity ours = {::getpid(), ::geteuid(), ::getegid()};
  for (const Handle* const end : {&guest, &host}) {
    const PeerProcess peer = Must(IdentifyPeer(*end));
    CHECK(peer.identity == ours);
    REQUIRE(peer.death);
    CHECK_FALSE(HasEnded(peer.death));
  }
}

TEST_CASE("PeerIdentity: the same user is ours, root and others are not") {
  CHECK(IsSameUser({1, ::geteuid(), 0}));
  CHECK_FALSE(IsSameUser({1, ::geteuid() + 1, 0}));
}

// Connects where it is told, and says nothing.
PEER(Silent) {
  std::array<char, 200> path = {};
  std::vector<Handle> handles;
  AwaitEnd(channel_end);
  Must(ReceiveSome(channel_end, std::as_writable_bytes(std::span(path)), handles));
  const Handle socket = Must(ConnectLocal(path.data()));
  AwaitEnd(channel_end);
}

TEST_CASE("PeerIdentity: the death of a process shows, however late it is asked for") {
  const Guarded guarded;
  const ScratchFolder folder;
  const std::string path = Path(folder);
  auto listener = Must(LocalListener::Listen(path, 0600));
  Peer peer = START_PEER(PeerKind::kProcess, Silent);
  const Handle end = peer.TakeEnd();
  Must(SendSome(end, std::as_bytes(std::span(path)), {}));
  AwaitEnd(listener.handle());
  const Handle host = Must(listener.Accept());
  const PeerProcess before = Must(IdentifyPeer(host));
  CHECK(before.identity.pid == peer.pid());
  CHECK_FALSE(HasEnded(before.death));
  peer.Kill();
  CHECK(HasEnded(before.death));
  // Kernels differ in what they still know of a process that was reaped.
  const auto after = IdentifyPeer(host);
  if (after) {
    CHECK(after->identity == before.identity);
    CHECK(HasEnded(after->death));
  } else {
    CHECK(after.error() == Errc::kPeerDied);
  }
}

}  // namespace
}  // namespace baton::platform
