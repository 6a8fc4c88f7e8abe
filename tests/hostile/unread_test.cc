// What a peer has sent and nobody has received is let go of by the kernel, inside of whatever call
// ends the socket in which it lies. A handle among it must not make that call wait. In each of
// these tests a wait would last until the watchdog ends it.
#include <array>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include <baton/endpoint.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include "runtime/shmem/travelling.h"
#include "tests/hostile/evil_parent.h"
#include "tests/process/meeting.h"
#include "tests/support/guarded.h"
#include "tests/support/lingering.h"

namespace baton::testing {
namespace {

using platform::ForeignHandlesOpen;
using platform::Handle;

// More than a channel reads at a time.
constexpr std::size_t kMuch = std::size_t{128} << 10;

void Say(const Handle& socket, std::span<const std::byte> bytes) {
  REQUIRE(Must(platform::SendSome(socket, bytes, {})) == bytes.size());
}

// With whatever it was told before.
bool ComesToItsEnd(const Handle& socket) {
  std::array<std::byte, 4096> bytes;
  std::vector<Handle> handles;
  for (;;) {
    const auto received = platform::ReceiveSome(socket, bytes, handles);
    if (!received) return received.error() == std::errc::connection_reset;
    if (*received == 0) return true;
  }
}

TEST_CASE("hostile: what a channel has not read when it ends holds up nobody") {
  const Guarded guarded;
  EvilParent evil;
  const std::vector<std::byte> nonsense(kMuch, std::byte{0xff});
  Say(evil.socket(), nonsense);
  Lingering lingering;
  SendTheLast(evil.socket(), lingering);
  evil.Run();
  CHECK(evil.victim->destroyed == 1);
  CHECK(evil.victim->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(ForeignHandlesOpen() == 1);
  CHECK(ComesToItsEnd(evil.socket()));
  lingering.LetGo();
}

TEST_CASE("hostile: a handle that comes out of band holds up nobody") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  Lingering lingering;
  SendTheLast(evil.socket(), lingering, MSG_OOB);
  const std::byte doorbell{};
  Say(evil.socket(), std::span(&doorbell, 1));
  evil.ExpectFault(Rule::kHandleCount);
}

TEST_CASE("hostile: a local socket in which something lies holds up nobody who refuses it") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto [here, there] = Must(platform::CreateSocketPair());
  Lingering lingering;
  SendTheLast(here, lingering);
  std::vector<Handle> handles;
  handles.push_back(std::move(there));
  const auto payload = evil.FillPayload({.size = 4096, .handle = 0});
  auto header = evil.HeaderOf(::testing::PEcho::kFill);
  header.handles = 1;
  const auto frame = EvilParent::FrameOf(header, payload);
  const platform::NativeHandle natives[] = {handles.front().get()};
  REQUIRE(Must(platform::SendSome(evil.socket(), frame, natives)) == frame.size());
  handles.clear();
  evil.Run();
  CHECK(evil.victim->destroyed == 1);
  CHECK(ForeignHandlesOpen() == 1);
  lingering.LetGo();
}

TEST_CASE("hostile: an endpoint that is dropped holds up nobody, whatever lies there unread") {
  const Guarded guarded;
  auto [ours, theirs] = Must(internal::CreateEndpointParts());
  Lingering lingering;
  SendTheLast(theirs.socket, lingering);
  SECTION("unbound") {
    ours = {};
  }
  SECTION("on its way, with whom nobody has taken it from") {
    std::vector<internal::Travelling> waits;
    waits.emplace_back(std::move(ours.socket));
    waits.clear();
  }
  CHECK(ForeignHandlesOpen() == 1);
  lingering.LetGo();
}

// --- Listeners -----------------------------------------------------------------------------------

TEST_CASE(
    "hostile: who was never accepted, and has sent much, does not hold up the listener's end") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  std::vector<Handle> guests;
  for (int guest = 0; guest < 3; ++guest)
    guests.push_back(Must(platform::ConnectLocal(host.address)));
  Lingering lingering;
  SendTheLast(guests[1], lingering);
  host.listener.Close();
  CHECK(ForeignHandlesOpen() == 1);
  for (const Handle& guest : guests) CHECK(ComesToItsEnd(guest));
  CHECK_FALSE(platform::ConnectLocal(host.address));
  lingering.LetGo();
}

TEST_CASE("hostile: who is not let in does not hold up the listener, whatever he has sent") {
  const Guarded guarded;
  const ScratchFolder folder;
  ListenerOptions options = {.address = SocketIn(folder)};
  const bool is_known = GENERATE(false, true);
  options.accept = [&](const PeerIdentity&) { return is_known; };
  Host host(std::move(options));
  host.Meet();
  const Handle guest = Must(platform::ConnectLocal(host.address));
  const std::vector<std::byte> no_introduction(64, std::byte{0xff});
  if (is_known) Say(guest, no_introduction);
  Lingering lingering;
  SendTheLast(guest, lingering);
  host.io.poll();
  CHECK(host.listener.statistics().no_introduction == (is_known ? 1 : 0));
  CHECK(host.listener.statistics().not_accepted == (is_known ? 0 : 1));
  CHECK(ForeignHandlesOpen() == 1);
  lingering.LetGo();
  host.listener.Close();
  host.io.restart();
  host.io.run();
}

}  // namespace
}  // namespace baton::testing
