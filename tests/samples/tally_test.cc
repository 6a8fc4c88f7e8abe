// The program `tally`, as its readers run it.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/run_program.h"

namespace samples::testing {
namespace {

TEST_CASE("tally: two processes count in one table, and no word is lost") {
  const baton::testing::LeakCheck leak_check;
  const auto end = baton::testing::RunProgram({.program = TALLY, .arguments = {}});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE(end.signal == 0);
  CHECK(end.errors.empty());
  CHECK(end.output ==
        "  6000  and\n"
        "  6000  baton\n"
        "  3000  first\n"
        "  3000  last\n"
        "  3000  next\n"
        "  3000  one\n"
        "  6000  round\n"
        "  6000  runner\n"
        "  6000  runs\n"
        "  6000  takes\n"
        " 15000  the\n");
}

}  // namespace
}  // namespace samples::testing
