// What a listener's process starts does not hold on to what the listener has.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/process/meeting.h"

namespace baton::testing {
namespace {

using platform::LocalListener;

TEST_CASE("meeting: a program that was started meanwhile does not keep the name") {
  const Guarded guarded;
  const std::string name = FreshAbstractName();
  std::FILE* started = nullptr;
  {
    auto listener = Must(LocalListener::Listen(name, 0600));
    const auto guest = Must(platform::ConnectLocal(name));
    const auto host = Must(listener.Accept());
    const auto peer = Must(platform::IdentifyPeer(host));
    started = ::popen("cat >/dev/null", "w");  // gets all that is not close-on-exec
    REQUIRE(started != nullptr);
  }
  // The kernel lets a spawning process go on a moment before the new program's handles are closed.
  // If it kept them, the watchdog would end this.
  while (!LocalListener::Listen(name, 0600)) ::sched_yield();
  CHECK(::pclose(started) == 0);
}

// A program of its own and one thread, so that a bare fork does no harm here. The copy of the
// listener in the fork goes away, and must take nothing along.
PEER(ForkingHost) {
  std::optional listener = Must(LocalListener::Listen(Hear(channel_end), 0600));
  const pid_t fork = ::fork();
  if (fork == 0) {
    listener.reset();
    ::_exit(0);
  }
  int status = -1;
  PEER_EXPECT(::waitpid(fork, &status, 0) == fork);
  PEER_EXPECT(status == 0);
  Tell(channel_end, "the fork has ended");
  Hear(channel_end);
}

TEST_CASE("meeting: a fork that ends does not take the socket file along") {
  const Guarded guarded;
  const ScratchFolder folder;
  Peer peer = START_PEER(PeerKind::kProcess, ForkingHost);
  platform::Handle end = peer.TakeEnd();
  Tell(end, SocketIn(folder));
  CHECK(Hear(end) == "the fork has ended");
  CHECK(platform::ConnectLocal(SocketIn(folder)));
  CHECK(LocalListener::Listen(SocketIn(folder), 0600).error() == std::errc::address_in_use);
  end.Reset();
  peer.Join();
  CHECK(folder.NamesIn(".").empty());
}

}  // namespace
}  // namespace baton::testing
