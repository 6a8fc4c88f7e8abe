// The environment says at which point a process ends or stops, and where its points are listed.
#include <baton/platform/state_point.h>

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include <baton/platform/process.h>

#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {
namespace {

using platform::StatePoint;

TEST_CASE("passes three points", "[.]") {
  StatePoint("one");
  StatePoint("two");
  StatePoint("three");
}

ProgramEnd RunWith(const std::vector<std::string>& environment) {
  return RunProgram({"/proc/self/exe", {"passes three points"}, environment});
}

std::string ContentOf(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST_CASE("state points: a process dies at the one that it is told, and at no other") {
  const Guarded guarded;
  CHECK(RunWith({"BATON_DIE_AT=0"}).signal == SIGKILL);
  CHECK(RunWith({"BATON_DIE_AT=2"}).signal == SIGKILL);
  CHECK(RunWith({"BATON_DIE_AT=3"}).exit_code == 0);
  CHECK(RunWith({"BATON_DIE_AT="}).exit_code == 0);
  CHECK(RunWith({"BATON_DIE_AT=soon"}).signal == SIGABRT);
}

TEST_CASE("state points: they are counted from the one that is named, and listed") {
  const Guarded guarded;
  const ScratchFolder folder;
  const auto list = folder.path() / "points";
  CHECK(RunWith({"BATON_COUNT_POINTS=" + list.string()}).exit_code == 0);
  CHECK(ContentOf(list) == "one\ntwo\nthree\n");
  CHECK(RunWith({"BATON_POINTS_FROM=two", "BATON_DIE_AT=1"}).signal == SIGKILL);
  CHECK(RunWith({"BATON_POINTS_FROM=two", "BATON_DIE_AT=2"}).exit_code == 0);
  CHECK(RunWith({"BATON_POINTS_FROM=never", "BATON_DIE_AT=0"}).exit_code == 0);
}

TEST_CASE("state points: a process stops at the one that it is told, and goes on") {
  const Guarded guarded;
  auto process = Must(platform::Process::Launch(
      {"/proc/self/exe", {"passes three points"}, {"BATON_STALL_AT=1"}}, {}));
  siginfo_t info = {};
  const auto pidfd = static_cast<id_t>(process.death().get());
  REQUIRE(::waitid(P_PIDFD, pidfd, &info, WEXITED | WSTOPPED | WNOWAIT) == 0);
  CHECK(info.si_code == CLD_STOPPED);
  REQUIRE(::kill(process.pid(), SIGCONT) == 0);
  const auto status = Must(process.Wait(kPatience));
  REQUIRE(status);
  CHECK(status->code == 0);
  CHECK(status->signal == 0);
}

}  // namespace
}  // namespace baton::testing
