// The program `chat`, as its readers run it: a server and four users.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/run_program.h"

namespace samples::testing {
namespace {

TEST_CASE("chat: five processes come and go, talk directly, and lose one without losing heart") {
  const baton::testing::LeakCheck leak_check;
  const auto end = baton::testing::RunProgram({.program = CHAT, .arguments = {}});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE(end.signal == 0);
  CHECK(end.errors.empty());
  const auto shows = [&](const std::string& line) {
    return end.output.find("  " + line + "\n") != std::string::npos;
  };
  CHECK(shows("Ann hears Bob in the kitchen: is there any soup?"));
  CHECK(shows("Bob is told by Ann: the soup is in the pot"));  // of which the server knew nothing
  CHECK(shows("Cleo has lost Dan"));
  CHECK(shows("Ann is told by Bob: thank you for the soup"));
  CHECK(end.output.ends_with("\nchat: 30 lines, 4 users at the end, one crash: all as expected\n"));
}

}  // namespace
}  // namespace samples::testing
