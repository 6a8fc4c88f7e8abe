// Children that are kept running, given up and ended.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "platform/linux/pidfd.h"
#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

using boost::asio::error::operation_aborted;
using boost::system::error_code;
using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::PEchoParent;
using Event = ChildEvent<PEchoParent>;

// What is supervised: an EchoChild until its parent goes.
PEER(Supervised) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  auto parts = internal::InheritedParts(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(parts), child, io.get_executor()));
  io.run();
}

LaunchOptions Echo() {
  return {"/proc/self/exe", {"--baton-peer", Supervised.name()}};
}

LaunchOptions Shell(const std::string& script) {
  return {"/bin/sh", {"-c", script}};
}

// Knows nothing of its channel, and does not end when that does.
LaunchOptions Deaf() {
  return Shell("exec sleep 1000 >/dev/null 2>&1");
}

LaunchOptions Missing() {
  return {"/nowhere/at/all"};
}

// No delays, and a child is sound only after an hour.
RestartPolicy AtOnce(std::size_t max_restarts) {
  return {.max_restarts = max_restarts,
          .window = hours(1),
          .first_delay = milliseconds(0),
          .longest_delay = milliseconds(0),
          .min_uptime = hours(1)};
}

struct SupervisorScene {
  explicit SupervisorScene(SupervisorOptions options)
      : supervisor(Must(ChildSupervisor::Create(io.get_executor(), std::move(options)))) {}

  // What `got` will be set to.
  void Ask(std::optional<error_code>& got, std::optional<Event>* event = nullptr) {
    supervisor->Next<PEchoParent>([&got, event](error_code error, Event what) {
      got = error;
      if (event != nullptr) *event = std::move(what);
    });
  }

  error_code Await(std::optional<error_code>& got) {
    io.restart();
    while (!got && io.run_one() > 0) {
    }
    return got.value();
  }

  Event Next() {
    std::optional<error_code> got;
    std::optional<Event> event;
    Ask(got, &event);
    CHECK(Await(got) == error_code());
    return std::move(event.value());
  }

  error_code NextError() {
    std::optional<error_code> got;
    Ask(got);
    return Await(got);
  }

  std::shared_ptr<EchoParent> Bind(Event event) {
    auto actor = std::make_shared<EchoParent>();
    Must(std::move(event.endpoint).Bind(actor, io.get_executor()));
    return actor;
  }

  // Whether the child answers.
  bool Echoes(EchoParent& actor) {
    std::optional<error_code> got;
    actor.SendEcho("hello", [&](error_code error, const std::string&) { got = error; });
    return Await(got) == error_code();
  }

  io_context io;
  std::optional<ChildSupervisor> supervisor;
};

// Becomes readable when that process, of whoever's, has ended.
platform::Handle Watch(int pid) {
  platform::Handle handle(platform::PidfdOpen(pid));
  REQUIRE(handle);
  return handle;
}

bool EndsSoon(const platform::Handle& process) {
  pollfd death = {.fd = process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&death, 1, static_cast<int>(kPatience.count())) == 1;
}

TEST_CASE("supervisor: a child that is killed starts again, with a new epoch and channel") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Echo(), .restarts = AtOnce(5), .trust_label = 7});
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    Event started = scene.Next();
    REQUIRE(started.endpoint);
    CHECK_FALSE(started.end);
    CHECK(started.incarnation.epoch == epoch);
    CHECK(started.endpoint.trust_label() == 7);
    CHECK(scene.supervisor->is_running());
    CHECK(scene.supervisor->incarnation().pid == started.incarnation.pid);
    const int pid = started.incarnation.pid;
    const auto actor = scene.Bind(std::move(started));
    CHECK(scene.Echoes(*actor));

    REQUIRE(::kill(pid, SIGKILL) == 0);
    const Event ended = scene.Next();
    CHECK_FALSE(ended.endpoint);
    CHECK(ended.incarnation.epoch == epoch);
    CHECK(ended.end.value().kind == ChildEndKind::kSignalled);
    CHECK(ended.end->status.signal == SIGKILL);
    CHECK(ended.end->after == AfterEnd::kRestart);
    CHECK_FALSE(scene.supervisor->is_running());
  }
}

TEST_CASE("supervisor: a child that ends by itself starts again, and its exit code is told") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Shell("exit 7"), .restarts = AtOnce(5)});
  for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
    CHECK(scene.Next().endpoint);
    const Event ended = scene.Next();
    CHECK(ended.incarnation.epoch == epoch);
    CHECK(ended.end.value().kind == ChildEndKind::kExited);
    CHECK(ended.end->status.code == 7);
  }
}

TEST_CASE("supervisor: a crash loop ends after exactly as many starts as the policy has") {
  const Guarded guarded;
  const auto restarts = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{4});
  SupervisorScene scene({.launch = Shell("kill -s SEGV $$"), .restarts = AtOnce(restarts)});
  for (std::size_t start = 0; start <= restarts; ++start) {
    CHECK(scene.Next().endpoint);
    const Event ended = scene.Next();
    CHECK(ended.end.value().kind == ChildEndKind::kSignalled);
    CHECK(ended.end->after == (start < restarts ? AfterEnd::kRestart : AfterEnd::kGiveUp));
  }
  CHECK(scene.NextError() == operation_aborted);
  CHECK(scene.supervisor->incarnation().epoch == restarts + 1);
}

TEST_CASE("supervisor: a program that cannot be launched counts, and says why") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Missing(), .restarts = AtOnce(2)});
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    const Event ended = scene.Next();
    CHECK_FALSE(ended.endpoint);
    CHECK(ended.incarnation.epoch == epoch);
    CHECK(ended.incarnation.pid == 0);
    CHECK(ended.end.value().kind == ChildEndKind::kNotLaunched);
    CHECK(ended.end->error == std::errc::no_such_file_or_directory);
  }
  CHECK(scene.NextError() == operation_aborted);
}

TEST_CASE("supervisor: the delay grows from restart to restart") {
  const Guarded guarded;
  RestartPolicy policy = AtOnce(5);
  policy.first_delay = milliseconds(1);
  policy.longest_delay = milliseconds(4);
  SupervisorScene scene({.launch = Missing(), .restarts = policy});
  std::vector<long> delays;
  for (int end = 0; end < 5; ++end) delays.push_back(scene.Next().end.value().delay.count());
  CHECK(delays == std::vector<long>{1, 2, 4, 4, 4});
}

TEST_CASE("supervisor: a child that has run long enough is forgiven what was before") {
  const Guarded guarded;
  RestartPolicy policy = AtOnce(1);
  policy.min_uptime = milliseconds(1);  // nothing starts and answers faster
  SupervisorScene scene({.launch = Echo(), .restarts = policy});
  for (int turn = 0; turn < 4; ++turn) {
    const auto actor = scene.Bind(scene.Next());
    CHECK(scene.Echoes(*actor));
    scene.supervisor->Kill();
    CHECK(scene.Next().end.value().after == AfterEnd::kRestart);
  }
}

TEST_CASE("supervisor: a child that was killed through it is told apart") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Deaf(), .restarts = AtOnce(1)});
  scene.supervisor->Kill();  // nobody there yet
  CHECK(scene.Next().endpoint);
  scene.supervisor->Kill();
  scene.supervisor->Kill();
  CHECK(scene.Next().end.value().kind == ChildEndKind::kKilled);
  CHECK(scene.Next().endpoint);
  REQUIRE(::kill(scene.supervisor->incarnation().pid, SIGTERM) == 0);
  const Event ended = scene.Next();
  CHECK(ended.end.value().kind == ChildEndKind::kSignalled);
  CHECK(ended.end->status.signal == SIGTERM);
}

TEST_CASE("supervisor: nothing is launched while nobody waits") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Echo(), .restarts = AtOnce(5)});
  scene.io.run();
  CHECK(scene.supervisor->incarnation().epoch == 0);
  Event started = scene.Next();
  started.endpoint = {};  // the child ends by that
  scene.io.restart();
  scene.io.run();  // which is noticed all the same
  CHECK_FALSE(scene.supervisor->is_running());
  CHECK(scene.supervisor->incarnation().epoch == 1);
  CHECK(scene.Next().end.value().kind == ChildEndKind::kExited);
}

TEST_CASE("supervisor: what an old incarnation sent does not reach the actor of the new one") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Echo(), .restarts = AtOnce(5)});
  const auto old_actor = scene.Bind(scene.Next());
  Must(old_actor->SendCount(41));
  Must(old_actor->SendDieNow());
  CHECK(scene.Next().end.value().status.signal == SIGKILL);
  const auto new_actor = scene.Bind(scene.Next());
  CHECK(scene.Echoes(*new_actor));
  CHECK(new_actor->counted.empty());
  CHECK(old_actor->counted == std::vector<std::uint64_t>{42});
  CHECK(old_actor->destroyed == 1);
  CHECK(old_actor->reason == ActorDestroyReason::kAbnormalShutdown);
}

TEST_CASE("supervisor: Stop ends each state, and Next says so") {
  const Guarded guarded;
  RestartPolicy policy = AtOnce(5);
  policy.first_delay = policy.longest_delay = hours(1);
  std::optional<error_code> got;
  SECTION("before anything") {
    SupervisorScene scene({.launch = Echo()});
    scene.supervisor->Stop();
    CHECK(scene.NextError() == operation_aborted);
    CHECK(scene.supervisor->incarnation().epoch == 0);
  }
  SECTION("before the first launch, while somebody waits") {
    SupervisorScene scene({.launch = Echo()});
    scene.Ask(got);
    scene.supervisor->Stop();
    CHECK(scene.Await(got) == operation_aborted);
    CHECK(scene.supervisor->incarnation().epoch == 0);
  }
  SECTION("between two incarnations") {
    SupervisorScene scene({.launch = Missing(), .restarts = policy});
    CHECK(scene.Next().end);
    scene.Ask(got);
    scene.supervisor->Stop();
    CHECK(scene.Await(got) == operation_aborted);
    CHECK(scene.supervisor->incarnation().epoch == 1);
  }
  SECTION("while a child runs, which leaves in good order") {
    SupervisorScene scene({.launch = Echo(), .stop_deadline = hours(1)});
    const auto actor = scene.Bind(scene.Next());
    actor->Close();
    scene.supervisor->Stop();
    scene.supervisor->Stop();
    const Event ended = scene.Next();
    CHECK(ended.end.value().kind == ChildEndKind::kExited);
    CHECK(ended.end->status.code == 0);
    CHECK(ended.end->after == AfterEnd::kStop);
    CHECK(scene.NextError() == operation_aborted);
  }
  SECTION("while a child runs, which does not") {
    const auto deadline = GENERATE(milliseconds(0), milliseconds(1), milliseconds::min());
    SupervisorScene scene({.launch = Deaf(), .stop_deadline = deadline});
    CHECK(scene.Next().endpoint);
    scene.supervisor->Stop();
    const Event ended = scene.Next();
    CHECK(ended.end.value().kind == ChildEndKind::kKilled);
    CHECK(ended.end->after == AfterEnd::kStop);
    CHECK(scene.NextError() == operation_aborted);
  }
  SECTION("after giving up") {
    SupervisorScene scene({.launch = Missing(), .restarts = AtOnce(0)});
    CHECK(scene.Next().end.value().after == AfterEnd::kGiveUp);
    scene.supervisor->Stop();
    CHECK(scene.NextError() == operation_aborted);
  }
}

TEST_CASE("supervisor: in each state it can go away, and nothing is left") {
  const Guarded guarded;
  RestartPolicy policy = AtOnce(5);
  policy.first_delay = policy.longest_delay = hours(1);
  std::optional<error_code> got;
  SECTION("before anything") {
    const SupervisorScene scene({.launch = Echo()});
  }
  SECTION("while somebody waits for the first launch") {
    SupervisorScene scene({.launch = Echo()});
    scene.Ask(got);
    scene.supervisor.reset();
    CHECK(scene.Await(got) == operation_aborted);
  }
  SECTION("between two incarnations") {
    SupervisorScene scene({.launch = Missing(), .restarts = policy});
    CHECK(scene.Next().end);
    scene.Ask(got);
    scene.supervisor.reset();
    CHECK(scene.Await(got) == operation_aborted);
  }
  SECTION("while a child runs") {
    SupervisorScene scene({.launch = Deaf()});
    const Event started = scene.Next();
    const platform::Handle child = Watch(started.incarnation.pid);
    scene.Ask(got);
    scene.supervisor.reset();
    CHECK(EndsSoon(child));
    CHECK(scene.Await(got) == operation_aborted);
  }
  SECTION("with an end that nobody has asked for") {
    SupervisorScene scene({.launch = Shell("exit 1")});
    CHECK(scene.Next().endpoint);
    scene.io.restart();
    scene.io.run();
  }
  SECTION("while it stops") {
    SupervisorScene scene({.launch = Deaf(), .stop_deadline = hours(1)});
    CHECK(scene.Next().endpoint);
    scene.supervisor->Stop();
  }
  SECTION("when another one takes its place") {
    SupervisorScene scene({.launch = Deaf()});
    CHECK(scene.Next().endpoint);
    *scene.supervisor = Must(ChildSupervisor::Create(scene.io.get_executor(), {.launch = Echo()}));
    CHECK(scene.Next().incarnation.epoch == 1);
  }
}

TEST_CASE("supervisor: destroying the io_context takes along what waits there, and the child") {
  const Guarded guarded;
  auto io = std::make_unique<io_context>();
  platform::Handle child;
  boost::asio::co_spawn(
      *io,
      [&]() -> boost::asio::awaitable<void> {
        auto supervisor = Must(ChildSupervisor::Create(io->get_executor(), {.launch = Deaf()}));
        for (;;) {
          auto [error, event] =
              co_await supervisor.Next<PEchoParent>(as_tuple(boost::asio::use_awaitable));
          if (error) co_return;
          child = Watch(event.incarnation.pid);
        }
      },
      boost::asio::detached);
  while (!child) io->run_one();
  io.reset();
  CHECK(EndsSoon(child));
}

TEST_CASE("supervisor: a cancelled Next changes nothing else") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Echo(), .restarts = AtOnce(5)});
  boost::asio::cancellation_signal cancel;
  std::optional<error_code> got;
  const auto ask = [&] {
    got.reset();
    scene.supervisor->Next<PEchoParent>(boost::asio::bind_cancellation_slot(
        cancel.slot(), [&](error_code error, const Event&) { got = error; }));
    cancel.emit(boost::asio::cancellation_type::terminal);
    return scene.Await(got);
  };
  CHECK(ask() == operation_aborted);
  CHECK(scene.supervisor->incarnation().epoch == 0);
  const auto actor = scene.Bind(scene.Next());
  CHECK(ask() == operation_aborted);
  CHECK(scene.Echoes(*actor));
  scene.supervisor->Kill();
  CHECK(scene.Next().end);
  CHECK(ask() == operation_aborted);
  CHECK(scene.Next().incarnation.epoch == 2);
}

TEST_CASE("supervisor: two hundred restarts leave nothing behind") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Shell("exit"), .restarts = AtOnce(200)});
  CHECK(scene.Next().endpoint);
  CHECK(scene.Next().end);
  const OpenResources early = OpenResources::Now();
  for (int restart = 0; restart < 200; ++restart) {
    Event started = scene.Next();
    REQUIRE(started.endpoint);
    REQUIRE(scene.Next().end);
  }
  CHECK(DescribeLeaks(early, OpenResources::Now()).empty());
  CHECK(scene.NextError() == operation_aborted);
}

// --- What ends the parent --------------------------------------------------------------------

TEST_CASE("supervisor: the child lives on when the thread that had it launched ends") {
  const Guarded guarded;
  SupervisorScene scene({.launch = Echo(), .restarts = AtOnce(0)});
  std::shared_ptr<EchoParent> actor;
  long thread = 0;
  std::thread([&] {
    thread = ::syscall(SYS_gettid);
    actor = scene.Bind(scene.Next());
  }).join();
  while (::syscall(SYS_tgkill, ::getpid(), thread, 0) == 0) std::this_thread::yield();
  CHECK(scene.Echoes(*actor));
  CHECK(scene.Echoes(*actor));
  actor->Close();
  CHECK(scene.Next().end.value().kind == ChildEndKind::kExited);
}

// Supervises a child that is deaf, tells its process and never ends by itself.
PEER(Family) {
  SupervisorScene scene({.launch = Deaf()});
  const Event started = scene.Next();
  const int child = started.incarnation.pid;
  PEER_EXPECT(::write(channel_end.get(), &child, sizeof(child)) == sizeof(child));
  for (;;) ::pause();
}

TEST_CASE("supervisor: no child outlives the process of its supervisor, however deaf it is") {
  const Guarded guarded;
  Peer family = START_PEER(PeerKind::kProcess, Family);
  const platform::Handle end = family.TakeEnd();
  pollfd told = {.fd = end.get(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&told, 1, static_cast<int>(kPatience.count())) == 1);
  int pid = 0;
  REQUIRE(::read(end.get(), &pid, sizeof(pid)) == sizeof(pid));
  const platform::Handle child = Watch(pid);
  SECTION("killed") {
    family.Kill();
  }
  SECTION("aborted") {
    REQUIRE(::kill(family.pid(), SIGABRT) == 0);
    CHECK(family.AwaitEnd().signal == SIGABRT);
  }
  SECTION("killed while the child is stopped") {
    REQUIRE(::kill(pid, SIGSTOP) == 0);
    family.Kill();
  }
  CHECK(EndsSoon(child));
  platform::PidfdSendSignal(child.get(), SIGKILL);  // where that failed
  family.Join();
}

}  // namespace
}  // namespace baton::testing
