// What a test that talks to a peer begins with: it ends, and it leaves nothing behind.
//
//   TEST_CASE("...") {
//     const Guarded guarded;
//
// Make it the first object of the test, so that it looks last.
#pragma once

#include "tests/support/leak_check.h"
#include "tests/support/watchdog.h"

namespace baton::testing {

struct Guarded {
  LeakCheck leak_check;  // first, so that the watchdog's thread is gone when it looks
  Watchdog watchdog;
};

}  // namespace baton::testing
