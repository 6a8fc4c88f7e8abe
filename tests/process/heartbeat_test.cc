// A peer that does not respond is told of, and so is that it does again. Nothing ends by itself.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "platform/linux/pidfd.h"
#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using namespace std::chrono_literals;

// Notes what it is told of its peer.
template <class Base>
class Attentive : public Base {
 public:
  std::vector<Unresponsive> told;
  int responsive = 0;
  std::function<void()> on_unresponsive = [] {};

 protected:
  void OnUnresponsive(const Unresponsive& what) override {
    told.push_back(what);
    on_unresponsive();
  }
  void OnResponsive() override { ++responsive; }
};

using AttentiveParent = Attentive<EchoParent>;

PEER(HeartbeatPartner) {
  RunEchoChild(std::move(channel_end));
}

// A parent whose peer is a process.
struct HeartbeatScene {
  HeartbeatScene(Peer& partner, Path path, std::chrono::milliseconds tolerance,
                 bool knows_process = true)
      : peer(partner) {
    Link link = Offer(peer, {PeerKind::kProcess, path});
    link.options.unresponsive_after = tolerance;
    link.options.close_deadline = 1ms;
    if (knows_process) {  // as of one that was met
      link.parts.peer_death = platform::Handle(platform::PidfdOpen(peer.pid()));
      link.parts.identity = platform::PeerIdentity{.pid = peer.pid()};
    }
    Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }
  void Introduce() {
    bool answered = false;
    parent->SendEcho("hello", [&](error_code error, const std::string&) { answered = !error; });
    RunUntil([&] { return answered; });
  }
  // Until it has stopped.
  void Stop() const {
    REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
    siginfo_t info = {};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(peer.pid()), &info, WSTOPPED | WNOWAIT) == 0);
  }
  void Continue() const { REQUIRE(::kill(peer.pid(), SIGCONT) == 0); }
  void CloseAndRun() {
    parent->Close();
    io.restart();
    io.run();
    CHECK(parent->destroyed == 1);
  }

  Peer& peer;
  io_context io;
  std::shared_ptr<AttentiveParent> parent = std::make_shared<AttentiveParent>();
};

Path EachPathToProcess() {
  return GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
}

std::vector<std::uint64_t> FromOneTo(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  for (std::uint64_t i = 0; i < last; ++i) numbers[i] = i + 1;
  return numbers;
}

// --- A process that is stopped -------------------------------------------------------------------

TEST_CASE("heartbeat: a stopped peer is told of, and that it goes on; nothing is lost") {
  const Path path = EachPathToProcess();
  const bool asks = GENERATE(false, true);  // else it just does not read
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, path, 100ms);
  scene.Introduce();
  scene.Stop();
  bool answered = !asks;
  if (asks) scene.parent->SendPing(7, [&](error_code error, std::uint64_t) { answered = !error; });
  for (std::uint64_t i = 0; i < 100; ++i) Must(scene.parent->SendCount(i));
  scene.RunUntil([&] { return !scene.parent->told.empty(); });
  CHECK(scene.parent->told.front().process == ProcessState::kStopped);
  CHECK(scene.parent->told.front().silent_for >= 100ms);
  CHECK(scene.parent->responsive == 0);
  CHECK(scene.parent->statistics().pings_sent > 0);
  CHECK(scene.parent->destroyed == 0);

  scene.Continue();
  scene.RunUntil([&] { return scene.parent->counted.size() == 100 && answered; });
  const auto has_spoken_again = [&] {  // on a busy machine, more than once
    return scene.parent->responsive == static_cast<int>(scene.parent->told.size());
  };
  scene.RunUntil(has_spoken_again);
  CHECK(scene.parent->counted == FromOneTo(100));
  CHECK(scene.parent->destroyed == 0);
  scene.CloseAndRun();
}

TEST_CASE("heartbeat: a peer that is stopped for less than the tolerance is not told of") {
  const Path path = EachPathToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, path, std::chrono::hours(1));
  scene.Introduce();
  scene.Stop();
  for (std::uint64_t i = 0; i < 100; ++i) Must(scene.parent->SendCount(i));
  boost::asio::steady_timer while_stopped(scene.io, 50ms);
  bool is_over = false;
  while_stopped.async_wait([&](error_code) { is_over = true; });
  scene.RunUntil([&] { return is_over; });
  scene.Continue();
  scene.RunUntil([&] { return scene.parent->counted.size() == 100; });
  CHECK(scene.parent->counted == FromOneTo(100));
  CHECK(scene.parent->told.empty());
  CHECK(scene.parent->responsive == 0);
  CHECK(scene.parent->statistics().pings_sent == 0);
  scene.CloseAndRun();
}

TEST_CASE("heartbeat: a peer that a debugger holds is told of as such") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, Path::kRing, 100ms);
  scene.Introduce();
  if (::ptrace(PTRACE_SEIZE, peer.pid(), nullptr, nullptr) != 0) SKIP_TEST("no ptrace here");
  REQUIRE(::ptrace(PTRACE_INTERRUPT, peer.pid(), nullptr, nullptr) == 0);
  REQUIRE(::waitpid(peer.pid(), nullptr, __WALL) == peer.pid());
  Must(scene.parent->SendCount(1));
  scene.RunUntil([&] { return !scene.parent->told.empty(); });
  CHECK(scene.parent->told.front().process == ProcessState::kTraced);
  REQUIRE(::ptrace(PTRACE_DETACH, peer.pid(), nullptr, nullptr) == 0);
  scene.RunUntil([&] { return scene.parent->responsive > 0; });
  CHECK(scene.parent->destroyed == 0);
  scene.CloseAndRun();
}

TEST_CASE("heartbeat: of a process that nobody knows, only the silence is told") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, Path::kRing, 50ms, false);
  scene.Introduce();
  scene.Stop();
  Must(scene.parent->SendCount(1));
  scene.RunUntil([&] { return !scene.parent->told.empty(); });
  CHECK(scene.parent->told.front().process == ProcessState::kUnknown);
  scene.Continue();
  scene.CloseAndRun();
}

TEST_CASE("heartbeat: whoever is told may close, or let go of the actor, at once") {
  const Path path = EachPathToProcess();
  const bool lets_go = GENERATE(false, true);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, path, 50ms);
  scene.Introduce();
  scene.Stop();
  error_code why;
  scene.parent->SendIgnore([&](error_code error, bool) { why = error; });
  const auto parent = std::weak_ptr(scene.parent);
  scene.parent->on_unresponsive = [&] {
    scene.parent->Close();
    if (lets_go) scene.parent.reset();
  };
  scene.io.restart();
  scene.io.run();
  CHECK(why == Errc::kClosed);
  CHECK(parent.expired() == lets_go);
  if (!lets_go) CHECK(scene.parent->responsive == 0);
  scene.Continue();
}

// --- A peer that lives ---------------------------------------------------------------------------

TEST_CASE("heartbeat: a peer that lives and does not answer is asked, and not told of") {
  const Path path = EachPathToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HeartbeatPartner);
  HeartbeatScene scene(peer, path, 1s);
  scene.Introduce();
  scene.parent->SendIgnore([](error_code, bool) {});
  scene.RunUntil([&] { return scene.parent->statistics().pings_sent == 2; });
  CHECK(scene.parent->told.empty());
  scene.CloseAndRun();
}

// Its handler waits for the test.
class BlockingChild : public EchoChild {
 public:
  std::promise<void> released;

 protected:
  Result<void> RecvCount(std::uint64_t number) override {
    released.get_future().wait();
    return SendCounted(number);
  }
};

TEST_CASE("heartbeat: a peer whose handler blocks is told of, and that it responds again") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context children;
  const auto child = std::make_shared<BlockingChild>();
  Must(std::move(ends.second).Bind(child, children.get_executor(), OptionsFor(path)));
  std::thread runs([&] { children.run(); });
  io_context io;
  const auto parent = std::make_shared<AttentiveParent>();
  ChannelOptions options = OptionsFor(path);
  options.unresponsive_after = 50ms;
  Must(std::move(ends.first).Bind(parent, io.get_executor(), options));
  Must(parent->SendCount(9));
  bool answered = false;
  parent->SendPing(1, [&](error_code error, std::uint64_t) { answered = !error; });
  const auto run_until = [&](auto done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  };
  run_until([&] { return !parent->told.empty(); });
  CHECK(parent->told.front().process == ProcessState::kUnknown);
  child->released.set_value();
  run_until([&] { return parent->responsive > 0; });
  run_until([&] { return answered; });
  CHECK(parent->counted == std::vector<std::uint64_t>{9});
  parent->Close();
  io.restart();
  io.run();
  runs.join();
  CHECK(parent->destroyed == 1);
}

TEST_CASE("heartbeat: a peer that starts slowly is not told of before its HELLO") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<AttentiveParent>();
  ChannelOptions options = OptionsFor(path);
  options.unresponsive_after = 1ms;
  Must(std::move(ends.first).Bind(parent, io.get_executor(), options));
  bool answered = false;
  parent->SendEcho("hello?", [&](error_code error, const std::string&) { answered = !error; });
  boost::asio::steady_timer slow(io, 100ms);
  bool is_there = false;
  slow.async_wait([&](error_code) { is_there = true; });
  while (!is_there && io.run_one() > 0) {
  }
  CHECK(parent->told.empty());
  CHECK(parent->statistics().pings_sent == 0);
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  while (!answered && io.run_one() > 0) {
  }
  parent->Close();
  io.run();
  CHECK(parent->destroyed == 1);
  CHECK(child->destroyed == 1);
}

// --- This process is stopped ---------------------------------------------------------------------

// Asks a question, and is stopped itself for longer than it would wait for a sign of life.
PEER(Sleeper) {
  io_context io;
  const auto parent = std::make_shared<AttentiveParent>();
  Link link = Accept(std::move(channel_end));
  link.options.unresponsive_after = 500ms;
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  parent->SendPing(1, [&](error_code error, std::uint64_t) {
    PEER_EXPECT(!error);
    parent->Close();
  });
  while (parent->statistics().pings_sent == 0 && parent->told.empty() && io.run_one() > 0) {
  }
  Must(parent->SendCount(1));  // it has looked
  io.run();
  PEER_EXPECT(parent->destroyed == 1);
  PEER_EXPECT(parent->told.empty());
}

class SlowChild : public EchoChild {
 public:
  std::optional<PingReplier> asked;
  bool was_looked_at = false;

 protected:
  Result<void> RecvCount(std::uint64_t) override {
    was_looked_at = true;
    return {};
  }
  void RecvPing(std::uint64_t, PingReplier reply) override { asked.emplace(std::move(reply)); }
};

TEST_CASE("heartbeat: while this process is stopped, its peer is not to blame") {
  const Path path = EachPathToProcess();
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Sleeper);
  io_context io;
  const auto child = std::make_shared<SlowChild>();
  Link link = Offer(peer, {PeerKind::kProcess, path});
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  const auto run_until = [&](auto done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  };
  run_until([&] { return child->asked.has_value(); });
  REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
  boost::asio::steady_timer while_stopped(io, 1s);
  bool is_over = false;
  while_stopped.async_wait([&](error_code) { is_over = true; });
  run_until([&] { return is_over; });
  REQUIRE(::kill(peer.pid(), SIGCONT) == 0);
  // Not before it has looked, or its answer would be there when it does.
  run_until([&] { return child->was_looked_at; });
  (*child->asked)(1);
  run_until([&] { return child->destroyed == 1; });
}

}  // namespace
}  // namespace baton::testing
