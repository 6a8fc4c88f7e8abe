// The program `hello`, as its readers run it.
#include <catch2/catch.hpp>

#include "tests/support/leak_check.h"
#include "tests/support/run_program.h"

namespace samples::testing {
namespace {

TEST_CASE("hello prints what its child wrote into the memory that it was given") {
  const baton::testing::LeakCheck leak_check;
  const auto end = baton::testing::RunProgram({.program = HELLO, .arguments = {}});
  CAPTURE(end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE(end.signal == 0);
  REQUIRE(end.output == "hello, Ada\n");
  REQUIRE(end.errors.empty());
}

}  // namespace
}  // namespace samples::testing
