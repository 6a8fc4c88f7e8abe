// Who has sent what comes through a socket, by the word of the kernel.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include <baton/platform/local_socket.h>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

struct SendersReceived {
  std::size_t bytes;
  std::size_t handles;
  PeerIdentity sender;
};

SendersReceived Receive(const Handle& socket) {
  std::array<std::byte, 64> into = {};
  std::vector<Handle> handles;
  PeerIdentity sender;
  const std::size_t bytes = Must(ReceiveSome(socket, into, handles, &sender));
  return {bytes, handles.size(), sender};
}

void Send(const Handle& socket, std::size_t bytes, std::span<const NativeHandle> handles = {}) {
  const std::vector<std::byte> content(bytes);
  REQUIRE(Must(SendSome(socket, content, handles)) == bytes);
}

TEST_CASE("Either end that asks learns who has sent, with handles and without") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  Must(IdentifySenders(GENERATE(false, true) ? a : b, true));
  Must(IdentifySenders(b, true));
  Send(a, 3, std::array{a.get()});
  const SendersReceived received = Receive(b);
  CHECK(received.bytes == 3);
  CHECK(received.handles == 1);
  CHECK(received.sender == PeerIdentity{::getpid(), ::getuid(), ::getgid()});
  Send(b, 2);
  CHECK(Receive(a).bytes == 2);
}

TEST_CASE("Bytes of two processes do not come in one piece") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  Must(IdentifySenders(a, true));
  Must(IdentifySenders(b, true));
  Send(a, 3);
  const pid_t fork = ::fork();
  if (fork == 0) {
    const std::array<std::byte, 5> content = {};
    ::_exit(SendSome(a, content, {}) ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(fork, &status, 0) == fork);
  REQUIRE(status == 0);
  Send(a, 7);
  const SendersReceived received[] = {Receive(b), Receive(b), Receive(b)};
  CHECK(received[0].bytes == 3);
  CHECK(received[0].sender.pid == ::getpid());
  CHECK(received[1].bytes == 5);
  CHECK(received[1].sender.pid == fork);
  CHECK(received[2].bytes == 7);
  CHECK(received[2].sender.pid == ::getpid());
}

TEST_CASE("Where nobody asks, nobody is named") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  Send(a, 1);
  CHECK(Receive(b).sender.pid == 0);
  Must(IdentifySenders(b, true));
  Must(IdentifySenders(b, false));
  Send(a, 1);
  CHECK(Receive(b).sender.pid == 0);
}

TEST_CASE("Only the launched process is the launched process") {
  const PeerIdentity own = {42, ::getuid(), ::getgid()};
  CHECK(IsLaunched(own, 42));
  CHECK_FALSE(IsLaunched(own, 43));
  CHECK_FALSE(IsLaunched({0, ::getuid(), ::getgid()}, 0));  // of a namespace that is not ours
  CHECK_FALSE(IsLaunched({-1, ::getuid(), ::getgid()}, -1));
  CHECK(IsLaunched({42, ::getuid() + 1, ::getgid()}, 42) == (::geteuid() == 0));
}

TEST_CASE("What has not been received can be seen") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  CHECK_FALSE(HasUnread(a));
  Send(a, 10);
  CHECK(HasUnread(a));
  CHECK_FALSE(HasUnread(b));
  CHECK(Receive(b).bytes == 10);
  CHECK_FALSE(HasUnread(a));
  CHECK_FALSE(HasUnread(Handle()));
}

}  // namespace
}  // namespace baton::platform
