#include "tests/fault/kill_points.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <optional>
#include <set>
#include <vector>

#include <baton/platform/local_socket.h>

#include "tests/fault/stage.h"
#include "tests/support/guarded.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {
namespace {

using platform::Handle;
using platform::Process;

constexpr const char* kTheEnd = "E";  // the word; what it says does not matter
constexpr const char* kHit = "hit";

enum class Blow { kNone, kDeath, kStall };

// What one run is to do.
struct Plan {
  Victim victim = Victim::kFirst;
  Blow blow = Blow::kNone;
  long point = 0;
  std::string count_in = {};  // a file
};

// One process of a story.
struct Player {
  Process process;
  Handle line;  // the judge's end of its control socket
};

std::string BlowOf(const Plan& plan) {
  if (!plan.count_in.empty()) return "BATON_COUNT_POINTS=" + plan.count_in;
  if (plan.blow == Blow::kNone) return "";
  const char* const name = plan.blow == Blow::kDeath ? "BATON_DIE_AT=" : "BATON_STALL_AT=";
  return name + std::to_string(plan.point);
}

Player Launch(const PeerProgram& program, std::vector<std::string> environment) {
  auto [here, there] = Must(platform::CreateSocketPair());
  const platform::NativeHandle inherited[] = {there.get()};
  return {Must(Process::Launch({"/proc/self/exe", {"--baton-peer", program.name()}, environment},
                               inherited)),
          std::move(here)};
}

void Say(const Handle& line, const std::string& text, Handle end = {}) {
  const std::string content = text + "\n";
  const platform::NativeHandle passed[] = {end.get()};
  (void)platform::SendSome(line, std::as_bytes(std::span(content)),
                           end ? std::span(passed) : std::span<const platform::NativeHandle>());
}

platform::ExitStatus EndOf(Player& player) {
  const auto status = Must(player.process.Wait(kPatience));
  REQUIRE(status.has_value());
  return *status;
}

void CheckGoodEnd(const platform::ExitStatus& status) {
  CHECK(status.signal == 0);
  CHECK(status.code == 0);
}

// What the first has launched, and has not taken along.
void ReapOrphans() {
  int status = 0;
  while (::waitpid(-1, &status, 0) > 0) {
    const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    CHECK((was_killed || status == 0));
  }
  CHECK(errno == ECHILD);
}

class Performance {
 public:
  Performance(const Story& story, const Plan& plan) : story_(story), plan_(plan) {
    const bool second_is_victim = plan.victim == Victim::kSecond;
    const std::string blow = BlowOf(plan);
    players_.push_back(Launch(
        *story.first, EnvironmentWith(second_is_victim ? "" : blow,
                                      second_is_victim && story.second == nullptr ? blow : "")));
    if (story.second != nullptr) {
      players_.push_back(Launch(*story.second, EnvironmentWith(second_is_victim ? blow : "", "")));
    }
    Begin();
  }

  // Whether the victim has come as far as its point.
  bool Run() {
    return story_.second == nullptr && plan_.victim == Victim::kSecond ? RunLaunched()
                                                                       : RunWatched();
  }

 private:
  std::vector<std::string> EnvironmentWith(const std::string& own, const std::string& childs) {
    std::vector<std::string> environment = {std::string("BATON_POINTS_FROM=") + kFirstPoint,
                                            std::string(kChildVariable) + "=" + childs};
    if (!own.empty()) environment.push_back(own);
    if (plan_.blow == Blow::kStall) environment.push_back(std::string(kDeadlinesVariable) + "=1");
    return environment;
  }

  void Begin() {
    if (players_.size() == 1 || !story_.directions.empty()) {
      for (const Player& player : players_) Say(player.line, story_.directions);
      return;
    }
    auto ends = Must(platform::CreateSocketPair());
    Say(players_[0].line, "", std::move(ends.first));
    Say(players_[1].line, "", std::move(ends.second));
  }

  // The victim is a child of ours.
  bool RunWatched() {
    const bool is_first = plan_.victim == Victim::kFirst;
    Player& victim = is_first ? players_.front() : players_.back();
    Player* const survivor = players_.size() == 1 ? nullptr : &players_[is_first ? 1 : 0];
    const bool has_stopped = AwaitStopOrEnd(victim.process.pid());
    if (survivor != nullptr && (has_stopped || story_.tells_of_deaths)) {
      Say(survivor->line, kTheEnd);
    }
    if (survivor != nullptr && has_stopped) CheckGoodEnd(EndOf(*survivor));
    const bool is_spared = has_stopped && plan_.point % 2 == 0;
    if (is_spared) {
      REQUIRE(::kill(victim.process.pid(), SIGCONT) == 0);
      if (story_.tells_of_deaths) Say(victim.line, kTheEnd);
    } else if (has_stopped) {
      Must(victim.process.Kill());
    }
    const platform::ExitStatus status = EndOf(victim);
    const bool was_killed = status.signal == SIGKILL && (has_stopped || plan_.blow == Blow::kDeath);
    if (!was_killed || is_spared) CheckGoodEnd(status);
    if (survivor != nullptr && !has_stopped) CheckGoodEnd(EndOf(*survivor));
    if (survivor == nullptr) ReapOrphans();
    return has_stopped || was_killed;
  }

  // The victim is a child of the first, who tells what has happened to it.
  bool RunLaunched() {
    Player& first = players_.front();
    CheckGoodEnd(EndOf(first));
    ReapOrphans();
    std::string text(16, '\0');
    std::vector<Handle> none;
    const auto heard = platform::ReceiveSome(
        first.line, std::as_writable_bytes(std::span(text.data(), text.size())), none);
    return heard && *heard > 0;
  }

  const Story& story_;
  const Plan plan_;
  std::vector<Player> players_;
};

// The names of the victim's points, in a run in which nothing happens.
std::vector<std::string> PointsOf(const Story& story, Victim victim) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "points").string();
  Performance(story, {.victim = victim, .count_in = file}).Run();
  std::vector<std::string> points;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) points.push_back(line);
  return points;
}

void Sweep(const Story& story, Victim victim, Blow blow) {
  const Guarded guarded{{}, Watchdog(8 * kPatience)};
  // Whom a victim leaves behind comes to us.
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  const auto points = PointsOf(story, victim);
  const auto count = static_cast<long>(points.size());
  CHECK(count >= story.least_points);
  long hits = 0;
  long point = 0;
  // Runs differ a little: who sleeps and who is awake is up to the scheduler.
  for (bool is_over = false; !is_over; ++point) {
    INFO(story.name << ", point " << point << ", about "
                    << (point < count ? points[static_cast<std::size_t>(point)] : "the end"));
    const bool was_hit = Performance(story, {.victim = victim, .blow = blow, .point = point}).Run();
    hits += was_hit ? 1 : 0;
    is_over = !was_hit && point >= count;
    REQUIRE(point < 2 * count + 100);
  }
  CHECK(hits > count / 2);
  const std::set<std::string> names(points.begin(), points.end());
  std::printf("%s, the %s %s: %ld points of %zu names, %ld runs, %ld of them hit\n", story.name,
              victim == Victim::kFirst ? "first" : "second",
              blow == Blow::kDeath ? "dies" : "stalls", count, names.size(), point, hits);
}

}  // namespace

void SweepDeaths(const Story& story, Victim victim) {
  Sweep(story, victim, Blow::kDeath);
}

void SweepStalls(const Story& story, Victim victim) {
  Sweep(story, victim, Blow::kStall);
}

bool AwaitStopOrEnd(int child) {
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
    if (errno == ECHILD) return false;
    REQUIRE(errno == EINTR);
  }
  return info.si_code == CLD_STOPPED;
}

void TellJudgeOfHit(const platform::Handle& control) {
  Say(control, kHit);
}

}  // namespace baton::testing
