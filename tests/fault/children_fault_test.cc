// Every system call of launching a program and of supervising one fails once, with each error that
// it can give.
#include <optional>

#include <baton/platform/launcher.h>

#include "tests/fault/sweep_errors.h"
#include "tests/process/echo_actors.h"
#include "tests/support/patience.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

// What is launched: an EchoChild until its parent goes.
PEER(Launched) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Must(internal::BindEndpoint(internal::InheritedParts(std::move(channel_end)), child,
                              io.get_executor()));
  io.run();
}

LaunchOptions Echo() {
  return {"/proc/self/exe", {"--baton-peer", Launched.name()}};
}

// Echoes once, and closes. False unless that went well.
bool TalkAndClose(io_context& io, Endpoint<::testing::PEchoParent> endpoint) {
  const auto parent = std::make_shared<EchoParent>();
  if (!std::move(endpoint).Bind(parent, io.get_executor())) return false;
  int answers = 0;
  error_code failure;
  parent->SendEcho("hello", [&](error_code error, const std::string&) {
    ++answers;
    failure = error;
    parent->Close();
  });
  io.restart();
  while (parent->destroyed == 0 && io.run_one() > 0) {
  }
  CHECK(answers == 1);
  CHECK(parent->destroyed == 1);
  return !failure && !parent->close_error();
}

bool EndsWell(Result<std::optional<platform::ExitStatus>> status) {
  return status && *status && (*status)->code == 0 && (*status)->signal == 0;
}

bool LaunchAndTalk() {
  io_context io;
  auto launched = Launch<::testing::PEchoParent>(Echo());
  if (!launched) return false;
  if (!TalkAndClose(io, std::move(launched->endpoint))) return false;
  return EndsWell(launched->process.Wait(kPatience));
}

TEST_CASE("faults: whichever call of a launch fails, nothing runs on and nothing is left") {
  const Watchdog watchdog(4 * kPatience);
  REQUIRE(LaunchAndTalk());
  SweepErrors(LaunchAndTalk);
}

// A program that ends at once, and one that is killed.
bool LaunchByLauncher() {
  auto launcher = platform::Launcher::Start();
  if (!launcher) return false;
  auto ends = launcher->Launch({"/bin/true"}, {});
  if (!ends || !EndsWell(ends->Wait(kPatience))) return false;
  const auto sockets = platform::CreateSocketPair();
  if (!sockets) return false;
  const platform::NativeHandle inherited[] = {sockets->second.get()};
  auto sleeps = launcher->Launch({"/bin/sleep", {"1000"}}, inherited);
  if (!sleeps || !sleeps->Kill()) return false;
  const auto status = sleeps->Wait(kPatience);
  return status && *status && (*status)->signal == SIGKILL;
}

TEST_CASE("faults: whichever call of a launcher fails, nothing runs on and nothing is left") {
  const Watchdog watchdog(4 * kPatience);
  REQUIRE(LaunchByLauncher());
  SweepErrors(LaunchByLauncher);
}

// One start, a restart if need be, and an end in good order.
bool Supervise() {
  io_context io;
  SupervisorOptions options = {.launch = Echo(), .stop_deadline = kPatience};
  options.restarts = {.max_restarts = 1,
                      .window = std::chrono::hours(1),
                      .first_delay = milliseconds(0),
                      .longest_delay = milliseconds(0),
                      .min_uptime = std::chrono::hours(1)};
  auto supervisor = ChildSupervisor::Create(io.get_executor(), std::move(options));
  if (!supervisor) return false;
  using Event = ChildEvent<::testing::PEchoParent>;
  const auto next = [&] {
    std::optional<Event> event;
    int completions = 0;
    supervisor->Next<::testing::PEchoParent>([&](error_code error, Event what) {
      ++completions;
      if (!error) event = std::move(what);
    });
    io.restart();
    while (completions == 0 && io.run_one() > 0) {
    }
    CHECK(completions == 1);
    return event;
  };
  bool is_whole = true;
  while (auto event = next()) {
    if (event->end) {
      is_whole = is_whole && event->end->kind == ChildEndKind::kExited && !event->end->error;
    } else {
      is_whole = TalkAndClose(io, std::move(event->endpoint)) && is_whole;
      supervisor->Stop();
    }
  }
  return is_whole;
}

TEST_CASE("faults: whichever call of a supervisor fails, each Next completes and nothing is left") {
  const Watchdog watchdog(4 * kPatience);
  REQUIRE(Supervise());
  SweepErrors(Supervise);
}

}  // namespace
}  // namespace baton::testing
