// `memtrack top` as its user has it: in a terminal, over the machine as it is.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <sstream>
#include <string>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/memtrack/top/tmux.h"
#include "tests/support/peer.h"
#include "tests/support/run_program.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

using namespace memtrack_test;
using baton::testing::IsSanitized;
using baton::testing::Peer;
using baton::testing::PeerKind;
using baton::testing::ReadFile;
using baton::testing::RunProgram;
using baton::testing::Watchdog;

namespace {

constexpr auto kLong = 6 * baton::testing::kPatience;

// Runs memtrack, says how it ended, and stays, so that the terminal can be looked at.
// A ^C is meant for all of them.
constexpr const char* kScript = R"(trap : INT; "$0" "$@"; echo "exit code $?"; stty -a; exec cat)";

Handle Reserved(const char* name, off_t bytes) {
  Handle memfd(::memfd_create(name, MFD_CLOEXEC));
  Expect(static_cast<bool>(memfd), "memfd_create");
  Expect(::fallocate(memfd.get(), 0, 0, bytes) == 0, "fallocate");
  return memfd;
}

// 3 MiB by descriptor and mapping, 2.5 MiB by descriptor.
PEER(HoldsZebras) {
  const Handle mapped = Reserved("zebra-pool-1", 3 << 20);
  MapPages(mapped, (3 << 20) / kPage);
  const Handle held = Reserved("zebra-cache-1", 5 << 19);
  SayAndHold(channel_end);
}

bool Matches(const std::string& screen, const std::string& pattern) {
  return std::regex_search(screen, std::regex(pattern));
}

auto Showing(std::string pattern) {
  return [pattern = std::move(pattern)](const std::string& s) { return Matches(s, pattern); };
}

// The one child of the shell in the terminal.
int ProgramIn(Tmux& tmux) {
  const std::string shell = tmux.Ask("#{pane_pid}");
  return std::stoi(ReadFile("/proc/" + shell + "/task/" + shell + "/children"));
}

bool IsRestored(const std::string& screen) {
  return Matches(screen, " icanon") && Matches(screen, " echo ");
}

}  // namespace

TEST_CASE("memtrack top: from tags down to holders, in a window that changes its size") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  const Watchdog watchdog(kLong);
  Peer peer = START_PEER(PeerKind::kProcess, HoldsZebras);
  const Handle end = peer.TakeEnd();
  Hear(end);
  Tmux tmux(100, 30, kScript, {MEMTRACK, "top", "--interval", "0.2"});
  tmux.Await("begin", Showing("RES/MIN .* TAG"));
  CHECK(tmux.Ask("#{alternate_on}") == "1");
  tmux.Keys({"/", "z", "e", "b", "Enter"});
  const std::string tags = tmux.Await(
      "tags", Showing("3\\.0M +3\\.0M .* zebra-pool *\n.* 2\\.5M +2\\.5M .* zebra-cache *\n"));
  CHECK(Matches(tags, "2 of [0-9]+ with `zeb`"));
  tmux.Await("trend", Showing("▁▁▁▁ +zebra-pool"));

  tmux.Keys({"Enter"});
  const std::string pid = std::to_string(peer.pid());
  tmux.Await(
      "segments",
      Showing("Tags > zebra-pool  by RES\n[\\s\\S]* memfd +zebra-pool +3\\.0M +3\\.0M .*\\(" + pid +
              "\\)"));
  tmux.Keys({"Enter"});
  const auto holders =
      Showing("Tags > zebra-pool > memfd [0-9]+[\\s\\S]*\n *" + pid + " +3\\.0M .*both");
  tmux.Await("holders", holders);

  tmux.Resize(60, 12);
  const std::string small = tmux.Await("small", [&](const std::string& screen) {
    return holders(screen) && Matches(screen, "\n[^\n]*(too early|nothing leaks|v: )[^\n]*\n$");
  });
  CHECK(std::ranges::count(small, '\n') == 12);
  tmux.Resize(120, 40);
  tmux.Await("large", [&](const std::string& screen) {
    return holders(screen) && std::ranges::count(screen, '\n') == 40 &&
           Matches(screen, "\n[^\n]*(too early|nothing leaks|v: )[^\n]*\n$");
  });

  tmux.Keys({"Escape"});
  tmux.Await("up", Showing("Tags > zebra-pool  by RES"));
  tmux.Keys({"q"});
  const std::string last = tmux.Await("end", Showing("exit code 0\n[\\s\\S]* icanon"));
  CHECK(IsRestored(last));
  CHECK(tmux.Ask("#{alternate_on}") == "0");
}

TEST_CASE("memtrack top: a signal ends it, and the terminal is as it was") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP, SIGQUIT);
  CAPTURE(signal);
  const Watchdog watchdog(kLong);
  Tmux tmux(100, 30, kScript, {MEMTRACK, "top"});
  tmux.Await("running", Showing("RES/MIN .* TAG"));
  CHECK(::kill(ProgramIn(tmux), signal) == 0);
  const std::string last = tmux.Await("ended", Showing("exit code 0\n[\\s\\S]* icanon"));
  CHECK(IsRestored(last));
  CHECK(tmux.Ask("#{alternate_on}") == "0");
}

TEST_CASE("memtrack top: ^C ends it while it is paused") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  const Watchdog watchdog(kLong);
  Tmux tmux(100, 30, kScript, {MEMTRACK, "top"});
  tmux.Await("running", Showing("RES/MIN .* TAG"));
  tmux.Keys({"p"});
  tmux.Await("paused", Showing("PAUSED"));
  tmux.Keys({"C-c"});
  CHECK(IsRestored(tmux.Await("ended", Showing("exit code 0\n[\\s\\S]* icanon"))));
}

TEST_CASE("memtrack top: a recording is stepped through") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  const Watchdog watchdog(kLong);
  Tmux tmux(100, 30, kScript,
            {MEMTRACK, "top", "--interval", "0.05", "--replay",
             BATON_SOURCE_DIR "/tests/golden/memtrack/leak.jsonl"});
  tmux.Await("replayed", Showing("snapshot 14 of 14[\\s\\S]*v: 3 leaks"));
  tmux.Keys({"Left", "Left"});
  tmux.Await("back", Showing("snapshot 12 of 14  PAUSED"));
  tmux.Keys({"v"});
  tmux.Await("verdicts", Showing("leak +shared-growth"));
  tmux.Keys({"q"});
  tmux.Await("end", Showing("exit code 0\n"));
}

TEST_CASE("memtrack top: without a terminal it says so") {
  const std::vector<std::vector<std::string>> commands = {{"top"}, {"top", "--replay", "/none"}};
  for (const auto& arguments : commands) {
    const auto end = RunProgram({.program = MEMTRACK, .arguments = arguments});
    CHECK(end.exit_code == 3);
    CHECK(end.output.empty());
    CHECK(end.errors.find("terminal") != std::string::npos);
  }
}

TEST_CASE("memtrack top: what is wrong is said where the screen was") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  const Watchdog watchdog(kLong);
  Tmux tmux(100, 30, kScript, {MEMTRACK, "top", "--replay", "/nonexistent"});
  tmux.Await("no_file", Showing("cannot read `/nonexistent`: No such file[\\s\\S]*exit code 3"));
}

TEST_CASE("memtrack top: a terminal that ncurses does not know is said to be unknown") {
  if (!HasTmux()) SKIP_TEST("there is no /usr/bin/tmux");
  if (IsSanitized()) SKIP_TEST("ncurses leaks what it has begun with");
  const Watchdog watchdog(kLong);
  Tmux tmux(100, 30, R"(TERM=nonsense "$0" "$@"; echo "exit code $?"; exec cat)",
            {MEMTRACK, "top"});
  tmux.Await("no_term", Showing("of an unknown kind[\\s\\S]*exit code 3"));
}
