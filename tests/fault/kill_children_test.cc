// A process ends, or stops, at each state change while it launches another, or supervises it; or
// while it is the one that was launched.
#include <optional>

#include <baton/async.h>

#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/echo_actors.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

// What is launched: an EchoChild until its parent goes.
PEER(IsLaunched) {
  PlayLaunched(std::move(channel_end), [](platform::Handle channel) {
    boost::asio::io_context io;
    const auto child = std::make_shared<EchoChild>();
    Must(internal::BindEndpoint(internal::InheritedParts(std::move(channel)), child,
                                io.get_executor()));
    io.run();
    CHECK(child->destroyed == 1);
  });
}

LaunchOptions Program() {
  return {"/proc/self/exe", {"--baton-peer", IsLaunched.name()}, EnvironmentOfChild()};
}

// A question, and memory that goes there and back; then the end. Nobody else tells a launched child
// to go on or to end, so questions have deadlines.
void TalkAndClose(Stage& stage, EchoParent& parent) {
  Questions questions;
  const auto within = [&] {
    return Within(stage.has_short_deadlines() ? kStallDeadline : kForever, questions.One());
  };
  parent.SendEcho("hello", within());
  stage.Settle(questions);
  if (auto memory = parent.AllocShmem(4096)) parent.SendFill(*std::move(memory), 7, within());
  stage.Settle(questions);
  parent.Close();
  stage.RunUntil([&] { return parent.destroyed > 0; });
  CHECK(parent.destroyed == 1);
  questions.Check();
}

// --- Launch --------------------------------------------------------------------------------------

PEER(Launches) {
  PlaySide(channel_end, [&](Stage& stage) {
    auto launched = Must(Launch<::testing::PEchoParent>(Program()));
    const auto parent = std::make_shared<EchoParent>();
    Must(std::move(launched.endpoint).Bind(parent, stage.io.get_executor(), stage.options()));
    TalkAndClose(stage, *parent);
    if (AwaitStopOrEnd(launched.process.pid())) return TellJudgeOfHit(channel_end);
    const auto status = Must(launched.process.Wait(kPatience));
    REQUIRE(status);
    if (status->signal == SIGKILL) return TellJudgeOfHit(channel_end);
    CHECK(status->signal == 0);
    CHECK(status->code == 0);
  });
}

const Story kLaunch = {.name = "launch", .first = &Launches};

TEST_CASE("kill points: who launches dies") {
  SweepDeaths(kLaunch, Victim::kFirst);
}
TEST_CASE("kill points: who is launched dies") {
  SweepDeaths(kLaunch, Victim::kSecond);
}
TEST_CASE("kill points: who launches stalls") {
  SweepStalls(kLaunch, Victim::kFirst);
}
TEST_CASE("kill points: who is launched stalls") {
  SweepStalls(kLaunch, Victim::kSecond);
}

// --- ChildSupervisor -----------------------------------------------------------------------------

// Two starts at most, one if all goes well.
void PlaySupervisor(Stage& stage, const platform::Handle& control) {
  SupervisorOptions options = {.launch = Program()};
  options.restarts = {.max_restarts = 1,
                      .window = std::chrono::hours(1),
                      .first_delay = milliseconds(0),
                      .longest_delay = milliseconds(0),
                      .min_uptime = std::chrono::hours(1)};
  options.stop_deadline = kPatience;
  std::optional<ChildSupervisor> supervisor =
      Must(ChildSupervisor::Create(stage.io.get_executor(), std::move(options)));
  using Event = ChildEvent<::testing::PEchoParent>;
  const auto next = [&]() -> std::optional<Event> {
    Questions questions;
    std::optional<Event> event;
    const auto note = questions.One();
    supervisor->Next<::testing::PEchoParent>([&, note](error_code error, Event what) mutable {
      note(error);
      if (!error) event = std::move(what);
    });
    stage.Settle(questions);
    questions.Check();
    return event;
  };
  bool was_hit = false;
  while (auto event = next()) {
    if (event->end) {
      was_hit = was_hit || event->end->kind != ChildEndKind::kExited;
      continue;
    }
    const auto parent = std::make_shared<EchoParent>();
    Must(std::move(event->endpoint).Bind(parent, stage.io.get_executor(), stage.options()));
    TalkAndClose(stage, *parent);
    if (AwaitStopOrEnd(event->incarnation.pid)) {
      supervisor->Kill();  // and the next one
    } else if (parent->reason == ActorDestroyReason::kNormalShutdown) {
      supervisor->Stop();
    }
  }
  supervisor.reset();
  if (was_hit) TellJudgeOfHit(control);
}

PEER(Supervises) {
  PlaySide(channel_end, [&](Stage& stage) { PlaySupervisor(stage, channel_end); });
}

const Story kSupervisor = {.name = "supervisor", .first = &Supervises};

TEST_CASE("kill points: who supervises dies") {
  SweepDeaths(kSupervisor, Victim::kFirst);
}
TEST_CASE("kill points: who is supervised dies") {
  SweepDeaths(kSupervisor, Victim::kSecond);
}
TEST_CASE("kill points: who supervises stalls") {
  SweepStalls(kSupervisor, Victim::kFirst);
}
TEST_CASE("kill points: who is supervised stalls") {
  SweepStalls(kSupervisor, Victim::kSecond);
}

}  // namespace
}  // namespace baton::testing
