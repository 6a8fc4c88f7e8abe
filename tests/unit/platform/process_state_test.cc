#include <baton/platform/process_state.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <baton/platform/own_process.h>
#include <baton/platform/process.h>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

// Deaf, and nothing else.
Process Sleeper() {
  return Must(Process::Launch({"/bin/sh", {"-c", "exec sleep 1000 >/dev/null 2>&1"}}, {}));
}

TEST_CASE("Of a process can be told that it runs, is stopped, and has ended") {
  const LeakCheck leak_check;
  Process process = Sleeper();
  CHECK(StateOf(process.death()) == ProcessState::kRunning);
  siginfo_t info = {};
  REQUIRE(::kill(process.pid(), SIGSTOP) == 0);
  REQUIRE(::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WSTOPPED | WNOWAIT) == 0);
  CHECK(StateOf(process.death()) == ProcessState::kStopped);
  REQUIRE(::kill(process.pid(), SIGCONT) == 0);
  REQUIRE(::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WCONTINUED | WNOWAIT) == 0);
  CHECK(StateOf(process.death()) == ProcessState::kRunning);
  Must(process.Kill());
  REQUIRE(::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WEXITED | WNOWAIT) == 0);
  CHECK(StateOf(process.death()) == ProcessState::kUnknown);  // there is a number, and nobody
}

TEST_CASE("Of this process, and of what is none, the state is known as far as it goes") {
  const LeakCheck leak_check;
  CHECK(StateOf(Must(OpenOwnProcess())) == ProcessState::kRunning);
  CHECK(StateOf(Handle()) == ProcessState::kUnknown);
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  const Handle no_process(ends[0]);
  const Handle other_end(ends[1]);
  CHECK(StateOf(no_process) == ProcessState::kUnknown);
}

TEST_CASE("A process opens its parent, and nobody else by that name") {
  const LeakCheck leak_check;
  const Handle parent = Must(OpenParentProcess(::getppid()));
  REQUIRE(parent);
  CHECK(StateOf(parent) != ProcessState::kUnknown);
  CHECK_FALSE(Must(OpenParentProcess(::getpid())));
  CHECK_FALSE(Must(OpenParentProcess(0)));
  CHECK_FALSE(Must(OpenParentProcess(-1)));
}

}  // namespace
}  // namespace baton::platform
