// Whose process is at the other end of a channel to a child that was launched.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "platform/linux/pidfd.h"
#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "runtime/wire/encoder.h"
#include "tests/process/echo_actors.h"
#include "tests/process/meeting.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using ::testing::PEchoParent;

LaunchOptions Running(const PeerProgram& program) {
  return {"/proc/self/exe", {"--baton-peer", program.name()}};
}

// The launched side, bound as InheritedEndpoint does it.
struct LaunchedSide {
  explicit LaunchedSide(platform::Handle channel_end) {
    Must(internal::BindEndpoint(internal::InheritedParts(std::move(channel_end)), child,
                                io.get_executor()));
  }
  io_context io;
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();
};

// The side that launches.
struct LaunchingSide {
  explicit LaunchingSide(const PeerProgram& program)
      : launched(Must(Launch<PEchoParent>(Running(program)))) {
    Must(std::move(launched.endpoint).Bind(actor, io.get_executor()));
  }

  error_code Ask() {
    std::optional<error_code> got;
    actor->SendEcho("hello", [&](error_code error, const std::string&) { got = error; });
    io.restart();
    while (!got && io.run_one() > 0) {
    }
    return got.value();
  }
  void RunToTheEnd() {
    io.restart();
    io.run();
    CHECK(actor->destroyed == 1);
  }
  void ExpectGoodEnd() {
    const auto status = Must(launched.process.Wait(kPatience));
    REQUIRE(status);
    CHECK(status->signal == 0);
    CHECK(status->code == 0);
  }

  io_context io;
  std::shared_ptr<EchoParent> actor = std::make_shared<EchoParent>();
  Launched<PEchoParent> launched;
};

PEER(Honest) {
  LaunchedSide side(std::move(channel_end));
  PEER_EXPECT(!side.child->peer_identity());
  side.io.run();
  const auto parent = side.child->peer_identity();
  PEER_EXPECT(parent && parent->pid == ::getppid());
  PEER_EXPECT(parent && parent->uid == ::getuid());
  PEER_EXPECT(side.child->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("identity: both sides of a launch know whose process the other is") {
  const Guarded guarded;
  LaunchingSide side(Honest);
  CHECK_FALSE(side.actor->peer_identity());
  CHECK(side.Ask() == error_code());
  const auto child = side.actor->peer_identity();
  REQUIRE(child);
  CHECK(child->pid == side.launched.process.pid());
  CHECK(child->uid == ::getuid());
  CHECK(child->gid == ::getgid());
  side.actor->Close();
  side.RunToTheEnd();
  CHECK(side.actor->peer_identity() == child);
  side.ExpectGoodEnd();
}

// What the child sends before it has heard of its parent leaves when it has.
PEER(Eager) {
  LaunchedSide side(std::move(channel_end));
  Must(side.child->SendCounted(1));
  Must(side.child->SendCounted(2));
  side.child->Close();
  side.io.run();
  PEER_EXPECT(side.child->reason == ActorDestroyReason::kNormalShutdown);
  PEER_EXPECT(!side.child->close_error());
}

TEST_CASE("identity: a launched child may send, and close, before its parent has said a word") {
  const Guarded guarded;
  LaunchingSide side(Eager);
  side.RunToTheEnd();
  CHECK(side.actor->counted == std::vector<std::uint64_t>{1, 2});
  CHECK(side.actor->reason == ActorDestroyReason::kNormalShutdown);
  side.ExpectGoodEnd();
}

// --- Somebody else speaks ------------------------------------------------------------------------

void AwaitFork(pid_t fork) {
  int status = -1;
  PEER_EXPECT(::waitpid(fork, &status, 0) == fork);
  PEER_EXPECT(status == 0);
}

// A fork of a process with one thread may go on as it likes.
PEER(Ventriloquist) {
  const pid_t fork = ::fork();
  if (fork != 0) return AwaitFork(fork);
  {
    LaunchedSide side(std::move(channel_end));
    side.io.run();
  }
  ::_exit(0);
}

std::vector<std::byte> HelloOfChild() {
  const auto& protocol = ::testing::PEcho::kProtocol;
  const std::string name = protocol.name;
  const auto side = static_cast<std::uint8_t>(Side::kChild);
  const void* const values[] = {&internal::kWireVersion, &name, &protocol.schema_hash,
                                &protocol.version, &side};
  wire::Encoder encoder;
  const auto payload = Must(encoder.Encode(internal::kHelloTable, values, 4096)).bytes;
  internal::FrameHeader header;
  header.kind = internal::FrameKind::kHello;
  header.sequence = 1;
  header.length = static_cast<std::uint32_t>(payload.size());
  const auto head = internal::EncodeHeader(header);
  std::vector<std::byte> frame(head.begin(), head.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

void SendAll(const platform::Handle& socket, std::span<const std::byte> bytes) {
  PEER_EXPECT(Must(platform::SendSome(socket, bytes, {})) == bytes.size());
}

// Half of it is the child's own.
PEER(Prompter) {
  const auto hello = HelloOfChild();
  const auto bytes = std::span<const std::byte>(hello);
  SendAll(channel_end, bytes.first(50));
  const pid_t fork = ::fork();
  if (fork == 0) {
    SendAll(channel_end, bytes.subspan(50));
    ::_exit(0);
  }
  AwaitFork(fork);
  std::vector<std::byte> into(4096);
  std::vector<platform::Handle> handles;
  pollfd readable = {channel_end.get(), POLLIN, 0};
  for (bool is_open = true; is_open && ::poll(&readable, 1, -1) == 1;) {
    const auto received = platform::ReceiveSome(channel_end, into, handles);
    is_open = received && *received > 0;
  }
}

TEST_CASE("identity: a HELLO of another process than the launched one ends the channel") {
  const Guarded guarded;
  const bool is_half = GENERATE(false, true);
  LaunchingSide side(is_half ? Prompter : Ventriloquist);
  bool answered = false;
  error_code why;
  side.actor->SendEcho("who are you?", [&](error_code error, const std::string&) {
    answered = true;
    why = error;
  });
  side.RunToTheEnd();
  CHECK(answered);
  CHECK(why == Errc::kPeerFault);
  CHECK(side.actor->close_error() == Rule::kIdentity);
  const std::string& detail = side.actor->close_detail();
  INFO(detail);
  CHECK(detail.find(std::to_string(side.launched.process.pid()) + " was launched") !=
        std::string::npos);
  CHECK(side.actor->counted.empty());
  side.ExpectGoodEnd();
}

// --- The parent's death --------------------------------------------------------------------------

PEER(Orphan) {
  LaunchedSide side(std::move(channel_end));
  side.io.run();
  PEER_EXPECT(side.child->reason == ActorDestroyReason::kAbnormalShutdown);
  PEER_EXPECT(side.child->close_error() == Errc::kPeerDied);
}

// Launches a child, and leaves a fork behind that holds everything it has.
PEER(ForkingParent) {
  LaunchingSide side(Orphan);
  PEER_EXPECT(side.Ask() == error_code());
  const pid_t fork = ::fork();
  while (fork == 0) ::pause();
  const int child = side.launched.process.pid();
  Tell(channel_end, std::to_string(child) + " " + std::to_string(fork));
  Hear(channel_end);  // for ever
}

TEST_CASE("identity: a launched child notices its parent's death, whoever else holds the socket") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ForkingParent);
  const platform::Handle end = peer.TakeEnd();
  const std::string told = Hear(end);
  const int child = std::stoi(told);
  const int fork = std::stoi(told.substr(told.find(' ')));
  const platform::Handle childs_end(platform::PidfdOpen(child));
  const platform::Handle forks_end(platform::PidfdOpen(fork));
  REQUIRE((childs_end && forks_end));
  peer.Kill();
  const auto ends_soon = [](const platform::Handle& process) {
    pollfd death = {process.get(), POLLIN, 0};
    return ::poll(&death, 1, static_cast<int>(kPatience.count())) == 1;
  };
  CHECK(ends_soon(childs_end));
  CHECK(platform::PidfdSendSignal(forks_end.get(), 0) == 0);  // which still holds the socket
  CHECK(platform::PidfdSendSignal(forks_end.get(), SIGKILL) == 0);
  CHECK(ends_soon(forks_end));
}

}  // namespace
}  // namespace baton::testing
