// Lies about endpoints: handles that are no ends of channels and no processes, classes and labels
// that are not the peer's to say. The host, an honest class, is fed messages of another making.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/linux/pidfd.h"
#include "runtime/wire/encoder.h"
#include "tests/hostile/evil_host.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using platform::Handle;
using wire::EndpointReference;

std::pair<Handle, Handle> PairOf(int type) {
  int ends[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0);
  return {Handle(ends[0]), Handle(ends[1])};
}

Handle Stream() {
  return Must(platform::CreateSocketPair()).first;
}

Handle OwnProcess() {
  return Handle(platform::PidfdOpen(::getpid()));
}

EndpointReference Honest() {
  return {.class_id = wire::ProtocolId("testing::PTalkChild"), .socket = 0, .process = 1};
}

TEST_CASE("hostile: an honest endpoint from a raw peer is taken") {
  const Guarded guarded;
  EvilHost evil;
  SECTION("with a process") {
    const Handle handles[] = {Stream(), OwnProcess()};
    evil.SendKeep(Honest(), handles);
  }
  SECTION("in the other order") {
    const Handle handles[] = {OwnProcess(), Stream()};
    EndpointReference reference = Honest();
    std::swap(reference.socket, reference.process);
    evil.SendKeep(reference, handles);
  }
  SECTION("whose process has ended") {
    const pid_t gone = ::fork();
    if (gone == 0) ::_exit(0);
    Handle death(platform::PidfdOpen(gone));
    REQUIRE(::waitpid(gone, nullptr, 0) == gone);
    const Handle handles[] = {Stream(), std::move(death)};
    evil.SendKeep(Honest(), handles);
  }
  SECTION("whose other end nobody has any more") {
    auto ends = Must(platform::CreateSocketPair());
    ends.second.Reset();
    const Handle handles[] = {std::move(ends.first)};
    EndpointReference reference = Honest();
    reference.process = EndpointReference::kNoIndex;
    evil.SendKeep(reference, handles);
  }
  evil.ExpectAlive();
  CHECK(evil.party.kept.size() == 1);
}

TEST_CASE("hostile: an endpoint that is no end of a channel") {
  const Guarded guarded;
  EvilHost evil;
  Handle socket;
  SECTION("an eventfd") {
    socket = Handle(::eventfd(0, EFD_CLOEXEC));
  }
  SECTION("a file") {
    socket = Handle(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }
  SECTION("a path") {
    socket = Handle(::open("/", O_PATH | O_CLOEXEC));
  }
  SECTION("a process") {
    socket = OwnProcess();
  }
  SECTION("a socket that is not connected") {
    socket = Handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  SECTION("a listening socket") {
    socket = Handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof(sa_family_t)) == 0);
    REQUIRE(::listen(socket.get(), 1) == 0);
  }
  SECTION("a pair of datagram sockets") {
    socket = PairOf(SOCK_DGRAM).first;
  }
  SECTION("a pair of packet sockets") {
    socket = PairOf(SOCK_SEQPACKET).first;
  }
  SECTION("a socket of another family") {
    socket = Handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  const Handle handles[] = {std::move(socket), OwnProcess()};
  evil.SendKeep(Honest(), handles);
  evil.ExpectFault(Rule::kHandleKind);
  CHECK(evil.party.kept.empty());
}

TEST_CASE("hostile: an endpoint whose process is none") {
  const Guarded guarded;
  EvilHost evil;
  Handle process;
  SECTION("a file") {
    process = Handle(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }
  SECTION("a folder of the process") {
    process = Handle(::open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  SECTION("an eventfd, to be rung at will") {
    process = Handle(::eventfd(0, EFD_CLOEXEC));
  }
  SECTION("a path") {
    process = Handle(::open("/", O_PATH | O_CLOEXEC));
  }
  SECTION("a socket") {
    process = Stream();
  }
  const Handle handles[] = {Stream(), std::move(process)};
  evil.SendKeep(Honest(), handles);
  evil.ExpectFault(Rule::kHandleKind);
}

TEST_CASE("hostile: handles of an endpoint that are not there, or there twice, or too many") {
  const Guarded guarded;
  EvilHost evil;
  EndpointReference reference = Honest();
  std::vector<Handle> handles;
  handles.push_back(Stream());
  handles.push_back(OwnProcess());
  SECTION("one for both") {
    reference.process = 0;
  }
  SECTION("no socket") {
    reference.socket = EndpointReference::kNoIndex;
  }
  SECTION("a socket beyond the last") {
    reference.socket = 2;
  }
  SECTION("a process beyond the last") {
    reference.process = 0xfffffffe;
  }
  SECTION("a process that nobody names") {
    reference.process = EndpointReference::kNoIndex;
  }
  SECTION("one more") {
    handles.push_back(Stream());
  }
  evil.SendKeep(reference, handles);
  evil.ExpectFault(Rule::kHandleIndex);
}

TEST_CASE("hostile: an endpoint for another class than the field's") {
  const Guarded guarded;
  EvilHost evil;
  EndpointReference reference = Honest();
  SECTION("the other side of it") {
    reference.class_id = wire::ProtocolId("testing::PTalkParent");
  }
  SECTION("another protocol") {
    reference.class_id = wire::ProtocolId("testing::PHostChild");
  }
  SECTION("the protocol's own number") {
    reference.class_id = wire::ProtocolId("testing::PTalk");
  }
  SECTION("none") {
    reference.class_id = 0;
  }
  const Handle handles[] = {Stream(), OwnProcess()};
  evil.SendKeep(reference, handles);
  evil.ExpectFault(Rule::kActorProtocol);
  CHECK(evil.victim->close_detail().find("field talk") != std::string::npos);
}

TEST_CASE("hostile: a peer that is not believed makes nobody more trusted than itself") {
  const Guarded guarded;
  ChannelOptions options;
  options.trust_label = 99;
  EvilHost evil(options);
  EndpointReference reference = Honest();
  reference.label = GENERATE(0u, 1u, 99u, 0xffffffffffffffffu);
  const Handle handles[] = {Stream(), OwnProcess()};
  evil.SendKeep(reference, handles);
  evil.ExpectAlive();
  REQUIRE(evil.party.kept.size() == 1);
  CHECK(evil.party.kept.front().trust_label() == 99);
  CHECK(evil.victim->trust_label() == 99);
}

// Whoever gave the socket still has it, and can ask for anything of it.
TEST_CASE("hostile: what the giver asks of a socket later costs the one who has it nothing") {
  const Guarded guarded;
  EvilHost evil;
  auto ends = Must(platform::CreateSocketPair());
  const Handle still = Must(ends.first.Duplicate());
  const Handle handles[] = {std::move(ends.first), OwnProcess()};
  evil.SendKeep(Honest(), handles);
  evil.ExpectAlive();
  REQUIRE(evil.party.kept.size() == 1);
  REQUIRE((::fcntl(still.get(), F_GETFL) & O_NONBLOCK) != 0);
  const int on = 1;
  constexpr int kPassPidfd = 76;
  ::setsockopt(still.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
  ::setsockopt(still.get(), SOL_SOCKET, kPassPidfd, &on, sizeof(on));
  REQUIRE(::fcntl(still.get(), F_SETFL, 0) == 0);  // it may block now
  const auto child = std::make_shared<TalkOfChild>("", [](const std::string&) {});
  const auto parent = std::make_shared<TalkOfParent>("", [](const std::string&) {});
  Must(std::move(evil.party.kept.front()).Bind(child, evil.io.get_executor()));
  Endpoint<meet::PTalkParent> other(internal::EndpointParts{std::move(ends.second)});
  ChannelOptions no_ring;
  no_ring.ring_bytes = 0;  // every message is a read of that socket
  Must(std::move(other).Bind(parent, evil.io.get_executor(), no_ring));
  for (int n = 0; n < 100; ++n) {
    Must(parent->SendSay("hello"));
    evil.Run();
  }
  CHECK(child->statistics().messages_received == 100);
  parent->Close();
}

}  // namespace
}  // namespace baton::testing
