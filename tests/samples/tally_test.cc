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
        "  1000  and\n"
        "  1000  baton\n"
        "   500  first\n"
        "   500  last\n"
        "   500  next\n"
        "   500  one\n"
        "  1000  round\n"
        "  1000  runner\n"
        "  1000  runs\n"
        "  1000  takes\n"
        "  2500  the\n");
}

}  // namespace
}  // namespace samples::testing
