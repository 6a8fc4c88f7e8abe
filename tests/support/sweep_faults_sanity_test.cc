// SweepFaults finds what it promises to find, in scenarios that do it wrong.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/run_program.h"
#include "tests/support/sweep_faults.h"

namespace baton::testing {
namespace {

using Catch::Contains;
using platform::Mapping;
using platform::SharedMemory;

TEST_CASE("Kit: a sweep passes what reports every failure and cleans up") {
  int runs = 0;
  SweepFaults(ENOMEM, [&runs]() -> Result<Mapping> {
    ++runs;
    BATON_TRY(const SharedMemory memory, SharedMemory::Create("sweep", 4096));
    return memory.Map();
  });
  CHECK(runs > 2);
}

TEST_CASE("shrugs at a failure", "[.]") {
  SweepFaults(ENOMEM, []() -> Result<void> {
    const auto ignored = SharedMemory::Create("sweep", 4096);
    return {};
  });
}

TEST_CASE("leaks on the way out of a failure", "[.]") {
  SweepFaults(EMFILE, []() -> Result<void> {
    BATON_TRY(auto ends, platform::CreateSocketPair());
    const auto memory = SharedMemory::Create("sweep", 4096);
    if (!memory.has_value()) {
      static_cast<void>(ends.first.Release());
      return Fail(memory.error());
    }
    return {};
  });
}

TEST_CASE("makes no system call", "[.]") {
  SweepFaults(ENOMEM, []() -> Result<void> { return {}; });
}

TEST_CASE("Kit: a sweep turns red for a shrug, a leak, and for nothing to sweep") {
  const auto [test, words] = GENERATE(table<std::string, std::string>({
      {"shrugs at a failure", "nobody noticed"},
      {"leaks on the way out of a failure", "leaked: 1 more"},
      {"makes no system call", "no system call was seen"},
  }));
  const ProgramEnd end = RunTestOfThisProgram(test);
  CHECK(end.exit_code != 0);
  CHECK_THAT(end.output, Contains(words));
}

}  // namespace
}  // namespace baton::testing
