// SweepErrors(scenario): fails the 1st system call of the scenario with each error that this call
// can give, one run for each; then the 2nd, ... until it runs without meeting a fault.
//
//   SweepErrors(Converse);  // Result<void> Converse(), or bool
//
// A scenario may come through a shortage, so that it succeeds is no finding; what it leaves behind
// is, and a crash, and that it fails where nothing did. Beside it, SweepFaults insists on an error.
#pragma once

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include <baton/platform/fault_injection.h>

#include "tests/fault/errors_of_calls.h"
#include "tests/support/leak_check.h"
#include "tests/support/sweep_faults.h"

namespace baton::testing {

// `scenario` returns whether all went as if nothing had failed. `judge` is told of each run: the
// call (empty: none was failed), the error, and what the scenario has returned. `fills_sockets`: a
// send says once that it would block, although there is room. No kernel does, and whoever waits for
// room then is woken by the next event of any sort, which may take its time.
template <class Scenario, class Judge>
void SweepErrors(Scenario scenario, Judge judge, bool fills_sockets = true) {
  int runs = 0;
  const auto run = [&](int nth, int error) {
    const LeakCheck leak_check;
    ++runs;
    INFO("system call " << nth << ", error " << error);
    platform::testing::FailNthCall fault(nth, error);
    const bool is_whole = static_cast<bool>(scenario());
    const std::string call = fault.failed_call() == nullptr ? "" : fault.failed_call();
    INFO("which is " << call);
    // As interrupted it is made again, so nothing has happened.
    if (call.empty() || error == EINTR) CHECK(is_whole);
    judge(call, error, is_whole);
    return call;
  };
  for (int nth = 1; nth < kMaxSweptCalls; ++nth) {
    const std::string call = run(nth, EINTR);  // says which it is
    if (call.empty()) {
      CHECK(nth > 1);
      std::printf("%d system calls, %d runs\n", nth - 1, runs);
      return;
    }
    if (ErrorsOf(call).empty()) FAIL_CHECK(call << " is not in errors_of_calls.h");
    for (const int error : ErrorsOf(call)) {
      const bool is_left_out = error == EAGAIN && call == "sendmsg" && !fills_sockets;
      if (error != EINTR && !is_left_out) run(nth, error);
    }
  }
  FAIL("the scenario does not get through");
}

template <class Scenario>
void SweepErrors(Scenario scenario, bool fills_sockets = true) {
  SweepErrors(
      std::move(scenario), [](const std::string&, int, bool) {}, fills_sockets);
}

}  // namespace baton::testing
