// How channels end, and that both sides are told exactly once.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(Partner) {
  RunEchoChild(std::move(channel_end));
}

// Takes the channel and ends without a goodbye.
PEER(Vanishing) {
  const Link link = Accept(std::move(channel_end));
}

// Runs until nothing is left to do; then the channel has ended.
void RunToTheEnd(ParentSide& parent) {
  parent.io.restart();
  parent.io.run();
  CHECK(parent.actor->destroyed == 1);
  CHECK_FALSE(parent.actor->CanSend());
}

TEST_CASE("a peer that closes is a normal end, and open questions are rejected") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  std::error_code error;
  parent.actor->SendIgnore([&](error_code why, bool) { error = why; });
  Must(parent.actor->SendCloseYourself());
  RunToTheEnd(parent);
  CHECK(error == Errc::kPeerClosed);
  CHECK(parent.actor->reason == ActorDestroyReason::kNormalShutdown);
  CHECK_FALSE(parent.actor->close_error());
}

TEST_CASE("a peer that vanishes is an abnormal end, and open questions are rejected") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Vanishing);
  ParentSide parent(peer, transport);
  std::error_code error;
  parent.actor->SendIgnore([&](error_code why, bool) { error = why; });
  RunToTheEnd(parent);
  CHECK(error == Cause::kPeerGone);
  CHECK(parent.actor->reason == ActorDestroyReason::kAbnormalShutdown);
}

TEST_CASE("a peer that is killed in the middle of a handler is noticed") {
  const Transport transport = {PeerKind::kProcess, GENERATE(Path::kSocket, Path::kRing)};
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  std::error_code error;
  parent.actor->SendIgnore([&](error_code why, bool) { error = why; });
  Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(100))));
  Must(parent.actor->SendDieNow());
  RunToTheEnd(parent);
  CHECK(error == Cause::kPeerGone);
  CHECK(parent.actor->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(peer.AwaitEnd().signal == SIGKILL);
}

// Leaves the socket to a program that reads it to the end, and dies.
PEER(DyingParent) {
  const int flags = fcntl(channel_end.get(), F_GETFL);
  PEER_EXPECT(fcntl(channel_end.get(), F_SETFL, flags & ~O_NONBLOCK) == 0);
  const platform::NativeHandle inherited[] = {channel_end.get()};
  const auto heir =
      Must(platform::Process::Launch({"/bin/sh", {"-c", "exec cat <&3 >/dev/null"}}, inherited));
  (void)std::raise(SIGKILL);
}

TEST_CASE("a death is noticed although a grandchild holds the socket") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, DyingParent);
  platform::Handle death(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid(), 0)));
  REQUIRE(death);
  io_context io;
  const auto actor = std::make_shared<EchoParent>();
  Endpoint<::testing::PEchoParent> endpoint({peer.TakeEnd(), std::move(death)});
  Must(std::move(endpoint).Bind(actor, io.get_executor()));
  io.run();
  CHECK(actor->destroyed == 1);
  CHECK(actor->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(peer.AwaitEnd().signal == SIGKILL);
}

TEST_CASE("what was sent before closing is delivered") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  for (std::uint64_t i = 0; i < 1000; ++i) Must(parent.actor->SendCount(i));
  Must(parent.actor->SendCloseYourself());  // the peer closes behind its thousand answers
  RunToTheEnd(parent);
  CHECK(parent.actor->counted.size() == 1000);
}

TEST_CASE("closing twice, and from inside a handler, is legal") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  parent.actor->on_counted = [&] {
    parent.actor->Close();
    CHECK(parent.actor->destroyed == 0);  // never inside Close
    parent.actor->Close();
    CHECK(parent.actor->SendCount(1).error() == Errc::kClosed);
  };
  Must(parent.actor->SendCount(1));
  Must(parent.actor->SendCount(2));
  RunToTheEnd(parent);
  CHECK(parent.actor->counted.size() == 1);  // nothing is dispatched after Close
}

TEST_CASE("dropping the last reference inside a handler is legal") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  std::weak_ptr<EchoParent> watched = parent.actor;
  parent.actor->on_counted = [&] {
    parent.actor->Close();
    parent.actor.reset();
  };
  Must(parent.actor->SendCount(1));
  parent.io.run();
  CHECK(watched.expired());
}

TEST_CASE("an io_context that goes away takes its channels along") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  std::weak_ptr<EchoParent> watched;
  {
    ParentSide parent(peer, transport);
    watched = parent.actor;
    // A completion that holds the actor makes a circle, which must be broken.
    parent.actor->SendIgnore([holds_it = parent.actor](error_code, bool) {});
    parent.actor.reset();
  }
  CHECK(watched.expired());
}

TEST_CASE("an io_context may go away while its actors owe answers") {
  const Path path = EachPath();
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const bool peer_is_gone = GENERATE(true, false);
  auto ends = CreateEchoEndpoints(path);
  const auto parent = std::make_shared<EchoParent>();
  io_context parents;
  {
    io_context children;
    auto child = std::make_shared<EchoChild>();
    Must(std::move(ends.first).Bind(parent, parents.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(child, children.get_executor(), OptionsFor(path)));
    for (int i = 0; i < 10; ++i) parent->SendIgnore([](error_code, bool) {});
    children.poll();  // the child keeps the questions
    child.reset();
    if (peer_is_gone) {
      parent->Close();
      parents.run();
    }
  }  // its repliers go away with it, and have nobody to refuse to
  parents.restart();
  parents.run();
  CHECK(parent->destroyed == 1);
  if (!peer_is_gone) CHECK(parent->close_error() == Errc::kPeerDied);
}

TEST_CASE("after the end, sending says so and completions stay on the executor") {
  const Transport transport = EachTransportToThread();
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  parent.CloseAndRun();
  CHECK(parent.actor->SendCount(1).error() == Errc::kClosed);
  CHECK(parent.actor->AllocShmem(1).error() == Errc::kClosed);
  const auto here = std::this_thread::get_id();
  bool completed = false;
  parent.actor->SendEcho("late", [&](error_code error, std::string) {
    CHECK(error == make_error_code(Errc::kClosed));
    CHECK(std::this_thread::get_id() == here);
    completed = true;
  });
  parent.io.restart();
  parent.io.run();
  CHECK(completed);
}

TEST_CASE("a handler that blames its peer closes the channel with its words") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  Must(parent->SendAccuse("the width is zero"));
  io.run();
  CHECK(child->destroyed == 1);
  CHECK(child->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(child->close_error() == Rule::kHandler);
  CHECK_THAT(child->close_detail(), Catch::Contains("the width is zero"));
  CHECK(parent->destroyed == 1);
  CHECK(parent->close_error() == Errc::kPeerDied);  // who is blamed is not told for what
  CHECK_THAT(parent->close_detail(), !Catch::Contains("width"));
}

// Whose handler of Count cannot do what it is asked for.
class RefusesToCount final : public EchoChild {
 private:
  Result<void> RecvCount(std::uint64_t) override {
    return Fail(std::make_error_code(std::errc::not_supported));
  }
};

TEST_CASE("a handler that returns an error is heard of where it is, and the channel goes on") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<RefusesToCount>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  Must(parent->SendCount(1));
  std::string answer;
  parent->SendEcho("next", [&](error_code error, std::string text) {
    CHECK_FALSE(error);
    answer = std::move(text);
    parent->Close();
  });
  io.run();
  CHECK(answer == "next");
  CHECK(child->handler_errors == std::vector{std::make_error_code(std::errc::not_supported)});
  CHECK(child->statistics().handler_errors == 1);
  CHECK_FALSE(child->close_error());
  CHECK(parent->destroyed == 1);
}

TEST_CASE("a handler that throws closes the channel, and the exception leaves run()") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  parent.actor->on_counted = [] { throw std::runtime_error("thrown by a handler"); };
  Must(parent.actor->SendCount(1));
  CHECK_THROWS_WITH(parent.io.run(), "thrown by a handler");
  RunToTheEnd(parent);
  CHECK(parent.actor->reason == ActorDestroyReason::kAbnormalShutdown);
}

TEST_CASE("a question too many at once is refused here, before it is sent") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Partner);
  ParentSide parent(peer, transport);
  int rejected = 0;
  int refused = 0;
  for (int i = 0; i < 1025; ++i) {
    parent.actor->SendIgnore([&](error_code why, bool) {
      if (why == make_error_code(Errc::kWouldBlock)) ++refused;
      if (why == make_error_code(Errc::kClosed)) ++rejected;
    });
  }
  parent.RunUntil([&] { return refused == 1; });
  parent.CloseAndRun();
  CHECK(refused == 1);
  CHECK(rejected == 1024);
}

TEST_CASE("a peer that says nothing is given up after the handshake deadline") {
  const Guarded guarded;
  auto ends = Must(platform::CreateSocketPair());
  ChannelOptions options;
  options.handshake_deadline = std::chrono::milliseconds(20);
  ParentSide parent(std::move(ends.first), options);
  RunToTheEnd(parent);
  CHECK(parent.actor->close_error() == Rule::kHelloDeadline);
}

}  // namespace
}  // namespace baton::testing
