// Every system call between Listener::Create and the first answer fails once.
#include <sys/stat.h>

#include <cerrno>

#include <baton/platform/local_listener.h>
#include <baton/platform/peer_identity.h>

#include "tests/fault/sweep_errors.h"
#include "tests/process/meeting.h"
#include "tests/support/sweep_faults.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using platform::testing::FailNthCall;

// Both sides in this thread. Given to each of them that waits: the listener's shortages end with
// the fault, a refused guest comes once, so its error ends it all.
Result<void> MeetAndTalk(const std::string& address) {
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  BATON_TRY(auto listener, Listener::Create(io.get_executor(), {.address = address}));
  std::error_code failure;
  const auto give_up = [&](std::error_code error) {
    if (!failure) failure = error;
    listener.Close();
    parent->Close();
    child->Close();
  };
  listener.Accept<::testing::PEchoParent>(
      [&](error_code error, Accepted<::testing::PEchoParent> accepted) {
        if (error) return give_up(error);
        const auto bound = std::move(accepted.endpoint).Bind(parent, io.get_executor());
        if (!bound) return give_up(bound.error());
        parent->SendEcho("hello", [&](error_code why, std::string) {
          if (why) give_up(why);
          parent->Close();
        });
      });
  ConnectOptions options;
  options.address = address;
  Connect<::testing::PEchoChild>(
      io.get_executor(), options, [&](error_code error, Endpoint<::testing::PEchoChild> endpoint) {
        if (error) return give_up(error);
        const auto bound = std::move(endpoint).Bind(child, io.get_executor());
        if (!bound) give_up(bound.error());
      });
  io.run();
  if (failure) return Fail(failure);
  return {};
}

TEST_CASE("faults: a meeting whose n-th system call fails is an error or a meeting, never a leak") {
  const Watchdog watchdog(4 * kPatience);
  const ScratchFolder folder;
  const bool is_abstract = GENERATE(true, false);
  const std::string address = is_abstract ? FreshAbstractName() : SocketIn(folder);
  REQUIRE(MeetAndTalk(address));
  SweepErrors([&] { return MeetAndTalk(address).has_value(); },
              [&](const std::string& call, int, bool) {
                // A file that could not be locked may be somebody's lock: it stays, and serves the
                // next.
                const bool is_lock = call == "flock" || call == "fstat";
                const auto left = folder.NamesIn(".");
                const bool only_lock =
                    is_lock && !is_abstract && left == std::vector<std::string>{"socket.lock"};
                CHECK((left.empty() || only_lock));
              });
}

TEST_CASE("faults: listening, connecting and accepting report every failure and clean up") {
  const Watchdog watchdog;
  const ScratchFolder folder;
  const std::string path = SocketIn(folder);
  const mode_t before = ::umask(0177);  // so that the mode is set afterwards, too
  const auto meet = [&]() -> Result<void> {
    BATON_TRY(auto listener, platform::LocalListener::Listen(path, 0666));
    BATON_TRY(const auto guest, platform::ConnectLocal(path));
    BATON_TRY(const auto host, listener.Accept());
    BATON_CHECKED(platform::IdentifyPeer(guest));
    BATON_CHECKED(platform::IdentifyPeer(host));
    return {};
  };
  SweepFaults(EIO, meet);
  SweepErrors([&] { return meet().has_value(); });
  ::umask(before);
  CHECK(folder.NamesIn(".").empty());
}

PEER(Waiting) {
  const auto socket = Must(platform::ConnectLocal(Hear(channel_end)));
  Hear(channel_end);
}

TEST_CASE("faults: a kernel that does not know SO_PEERPIDFD is asked by number") {
  const Guarded guarded;
  const ScratchFolder folder;
  auto listener = Must(platform::LocalListener::Listen(SocketIn(folder), 0600));
  Peer peer = START_PEER(PeerKind::kProcess, Waiting);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, SocketIn(folder));
  AwaitReadable(listener.handle());
  const platform::Handle host = Must(listener.Accept());
  const auto identify = [&] {
    FailNthCall fault(2, ENOPROTOOPT);
    auto peer_process = platform::IdentifyPeer(host);
    CHECK(std::string(fault.failed_call()) == "getsockopt(SO_PEERPIDFD)");
    return peer_process;
  };
  const auto alive = Must(identify());
  CHECK(alive.identity.pid == peer.pid());
  REQUIRE(alive.death);
  pollfd state = {alive.death.get(), POLLIN, 0};
  CHECK(::poll(&state, 1, 0) == 0);
  peer.Kill();
  CHECK(::poll(&state, 1, 0) == 1);
  // Its number may be somebody else's by now.
  CHECK(identify().error() == Errc::kPeerDied);
}

}  // namespace
}  // namespace baton::testing
