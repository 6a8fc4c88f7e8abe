// The USDT probes stand in the program, where a tracer finds them.
#include "platform/probes.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/support/guarded.h"
#include "tests/support/run_program.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

// How often a probe of this name is noted.
std::size_t CountOf(const std::string& notes, const std::string& name) {
  const std::string wanted = "Provider: baton\n    Name: " + name + "\n";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = notes.find(wanted, at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_CASE("a tracer finds each probe and its arguments in the program's notes") {
  const std::string readelf = "/usr/bin/readelf";
  if (!platform::kHasProbes) SKIP_TEST("there was no <sys/sdt.h> when Baton was configured");
  if (!std::filesystem::exists(readelf)) SKIP_TEST("there is no readelf here");
  const Guarded guarded;
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const ProgramEnd end = RunProgram({readelf, {"-n", program.string()}});
  REQUIRE(end.exit_code == 0);
  for (const char* const name :
       {"send", "receive", "handler_begin", "handler_end", "close", "doorbell", "sleep"}) {
    INFO(name);
    CHECK(CountOf(end.output, name) > 0);
  }
  CHECK(CountOf(end.output, "nothing_by_this_name") == 0);
}

}  // namespace
}  // namespace baton::testing
