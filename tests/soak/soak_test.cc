// The program `soak`: that it finds what goes wrong, and says how to see it again.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/run_program.h"
#include "tests/support/sanitizer.h"

namespace soak::testing {
namespace {

using baton::testing::IsSanitized;
using baton::testing::LeakCheck;
using baton::testing::ProgramEnd;
using baton::testing::RunProgram;

ProgramEnd Soak(const std::string& plant, const std::string& rounds) {
  ProgramEnd end = RunProgram(
      {.program = SOAK,
       .arguments = {"--seed", "5", "--children", "3", "--rounds", rounds, "--plant", plant}});
  CAPTURE(end.output, end.errors);
  REQUIRE_FALSE(end.hung);
  REQUIRE(end.signal == 0);
  return end;
}

TEST_CASE("soak: a short one finds nothing, and leaves no process behind") {
  const LeakCheck leak_check;
  const auto end = RunProgram(
      {.program = SOAK, .arguments = {"--seed", "5", "--children", "3", "--rounds", "2"}});
  CAPTURE(end.output, end.errors);
  CHECK(end.exit_code == 0);
  CHECK(end.errors.empty());
  CHECK(
      end.output.starts_with("soak seed 5\nsoak held at the first and at the last quiet point: "));
  CHECK(end.output.find("\nsoak seed 5 seconds ") != std::string::npos);
  CHECK(end.output.ends_with(" ok\n"));
}

TEST_CASE("soak: each mistake that is made on purpose is found, and how to see it again is said") {
  const auto [plant, found] = GENERATE(table<std::string, std::string>({
      {"leak_descriptor", "at a quiet point: descriptors grew from "},
      {"leak_memory", "at a quiet point: bytes on the heap grew from "},
      {"leak_segment", "segments grew from "},
      {"skip_number", "has not heard all that was said"},
      {"spoil_content", "child 0: a note came with another content"},
      {"forget_answer", "the completion of a planted question was lost"},
      {"kill_unannounced", " has ended "},  // the process, its channel, a task or a talk; or below
  }));
  if (plant == "leak_memory" && IsSanitized()) {
    return (void)std::puts("leak_memory is left out: heaps of sanitizers are not compared");
  }
  const LeakCheck leak_check;
  const ProgramEnd end = Soak(plant, "3");
  CAPTURE(plant, end.output, end.errors);
  CHECK(end.exit_code == 1);
  CHECK(end.output.find("soak FAILED: seed 5, round ") != std::string::npos);
  const std::string said = end.output + end.errors;  // children use the latter
  const bool sees_the_end =
      plant == "kill_unannounced" && said.find(": the peer is gone") != said.npos;
  CHECK((said.find(found) != said.npos || sees_the_end));
  CHECK(end.output.find("\n  again: ./dev bench soak --seed 5 --children 3 --rounds ") !=
        std::string::npos);
  CHECK(end.output.find(" FAILED\n") != std::string::npos);
}

TEST_CASE("soak: what is not asked for rightly is refused with a line for each option") {
  const auto end = RunProgram({.program = SOAK, .arguments = {"--seeds", "1"}});
  CHECK(end.exit_code == 2);
  CHECK(end.errors.find("--seed S") != std::string::npos);
}

}  // namespace
}  // namespace soak::testing
