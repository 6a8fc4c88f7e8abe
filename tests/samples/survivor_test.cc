// The program `survivor`: textures outlive whoever paints them.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/run_program.h"
#include "tests/support/sanitizer.h"

namespace samples::testing {
namespace {

TEST_CASE("survivor: no texture is lost, however often its painter is killed") {
  const baton::testing::LeakCheck leak_check;
  const std::string kills = baton::testing::IsSanitized() ? "10" : "100";
  const auto end =
      baton::testing::RunProgram({.program = SURVIVOR, .arguments = {"--kills", kills}});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.signal == 0);
  CHECK(end.exit_code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output.starts_with("survivor: " + kills + " kills, 16 textures of 8388608 bytes"));
  CHECK(end.output.find(", 0 lost;") != std::string::npos);
}

}  // namespace
}  // namespace samples::testing
