// SweepFaults(error, scenario): fails the 1st system call of the scenario, then the 2nd, ... until
// it runs without meeting a fault. Whatever fails, the answer must be an error: not a crash, not a
// leak, not a shrug. Needs a build with BATON_FAULT_INJECTION (tests/fault).
//
//   SweepFaults(ENOMEM, []() -> Result<Mapping> {
//     BATON_TRY(SharedMemory memory, SharedMemory::Create("sweep", 4096));
//     return memory.Map();
//   });
#pragma once

#include <catch2/catch.hpp>
#include <string_view>

#include <baton/platform/fault_injection.h>
#include "tests/support/leak_check.h"

namespace baton::testing {

// A scenario with more system calls than this is taken for one that never gets through.
inline constexpr int kMaxSweptCalls = 10'000;

// The calls for which there is another way when they fail: the page tables of shared memory stay
// where they are, in ranges of addresses that are less wide, and an empty range stays open.
inline bool HasAnotherWay(std::string_view call) {
  return call == "mremap" || call == "mmap(ranges)" || call == "mprotect(vault)";
}

// `scenario` returns a Result; it runs once per system call that it makes, plus once.
template <class Scenario>
void SweepFaults(int error, Scenario scenario) {
  for (int nth = 1; nth <= kMaxSweptCalls; ++nth) {
    const LeakCheck leak_check;
    platform::testing::FailNthCall fault(nth, error);
    const auto result = scenario();
    if (fault.failed_call() == nullptr) {
      if (result.has_error()) FAIL("fails without a fault: " << result.error().message());
      if (nth == 1) FAIL("no system call was seen at all");
      return;
    }
    INFO("system call " << nth << ", " << fault.failed_call() << ", failed with " << error);
    if (HasAnotherWay(fault.failed_call())) continue;  // and so may succeed
    if (result.has_value()) FAIL_CHECK("and nobody noticed");
  }
  FAIL("after " << kMaxSweptCalls << " system calls the scenario still makes more");
}

}  // namespace baton::testing
