// Sockets that others write to, and this process alone reads: closing one lets go of what lies
// there unread.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include "tests/support/guarded.h"
#include "tests/support/leak_check.h"
#include "tests/support/lingering.h"
#include "tests/support/must.h"
#include "tests/unit/platform/is_open.h"

namespace baton::platform {
namespace {

using baton::testing::AwaitForeignHandles;
using baton::testing::Guarded;
using baton::testing::Lingering;
using baton::testing::Must;
using baton::testing::SendTheLast;

bool SeesTheEnd(const Handle& socket) {
  std::byte byte{};
  std::vector<Handle> handles;
  const auto received = ReceiveSome(socket, std::span(&byte, 1), handles);
  return received ? *received == 0 : received.error() == std::errc::connection_reset;
}

TEST_CASE("An end with nothing unread is closed at once, and the other side sees it") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  Handle end = TakeEnd(std::move(here));
  const NativeHandle native = end.get();
  const Handle somebody_elses = Handle(::fcntl(native, F_DUPFD_CLOEXEC, 0));
  CHECK(end.is_end());
  end.Reset();
  CHECK_FALSE(IsOpen(native));
  CHECK(ForeignHandlesOpen() == 0);
  CHECK(SeesTheEnd(there));
  const std::byte byte{1};
  CHECK(SendSome(there, std::span(&byte, 1), {}).error() == std::errc::broken_pipe);
}

TEST_CASE("An end in which bytes lie unread, however many, is closed at once") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  Handle end = TakeEnd(std::move(here));
  const std::vector<std::byte> bytes(1 << 14);
  std::size_t sent = 0;
  for (auto some = SendSome(there, bytes, {}); some; some = SendSome(there, bytes, {})) {
    sent += *some;
  }
  CHECK(sent > bytes.size());
  const NativeHandle native = end.get();
  Lingering lingering;
  CloseForeign(Handle::Foreign(lingering.Take().Release(), end.source()));  // so nobody else does
  end.Reset();
  CHECK_FALSE(IsOpen(native));
  CHECK(ForeignHandlesOpen() == 1);
  lingering.LetGo();
}

TEST_CASE("What lies unread in an end holds up nobody, and the other side sees the end") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  Handle end = TakeEnd(std::move(here));
  Lingering lingering;
  SendTheLast(there, lingering);
  end.Reset();  // the watchdog would have ended a wait
  CHECK(ForeignHandlesOpen() == 1);
  CHECK(SeesTheEnd(there));
  lingering.LetGo();
}

TEST_CASE("An end of which nobody says whose it is is closed as all others are") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  Handle end = TakeEnd(std::move(here), 0);
  CHECK(IsSourceOfThisProcess(end.source()));
  CHECK(end.source() != kUnknownSource);
  const Handle file = Handle(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const std::byte byte{1};
  const NativeHandle natives[] = {file.get()};
  REQUIRE(Must(SendSome(there, std::span(&byte, 1), natives)) == 1);
  end.Reset();
  CHECK(SeesTheEnd(there));
  AwaitForeignHandles();  // the watchdog ends a wait for ever
}

TEST_CASE("An end that somebody else has by now goes on there") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  Handle end = TakeEnd(std::move(here));
  const Handle second = Must(end.Duplicate());
  CHECK_FALSE(second.is_end());
  const auto goes_on = [&] {
    const std::byte byte{1};
    return SendSome(second, std::span(&byte, 1), {}).has_value();
  };
  SECTION("when it was accepted") {
    end.Accept();
    end.Reset();
    CHECK(goes_on());
  }
  SECTION("in the process that has forked") {
    const pid_t child = ::fork();
    if (child == 0) {
      end.Reset();
      ::_exit(0);
    }
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK(goes_on());
  }
}

TEST_CASE("A byte out of band comes in its turn through an end, with its handle") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  const Handle end = TakeEnd(std::move(here));
  Lingering lingering;
  SendTheLast(there, lingering, MSG_OOB);
  const std::byte byte{1};
  REQUIRE(Must(SendSome(there, std::span(&byte, 1), {})) == 1);
  std::byte received{};
  std::vector<Handle> handles;
  REQUIRE(Must(ReceiveSome(end, std::span(&received, 1), handles)) == 1);
  CHECK(handles.size() == 1);
  lingering.LetGo();
}

}  // namespace
}  // namespace baton::platform
