#include "tests/support/watchdog.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace baton::testing {

Watchdog::Watchdog(std::chrono::milliseconds patience)
    : test_(Catch::getResultCapture().getCurrentTestName()),
      thread_([this, patience] { Guard(patience); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_one();
  thread_.join();
}

void Watchdog::Guard(std::chrono::milliseconds patience) {
  // The system clock's wait is one that this TSan understands; the steady one's it does not.
  const auto deadline = std::chrono::system_clock::now() + patience;
  std::unique_lock lock(mutex_);
  if (ended_changed_.wait_until(lock, deadline, [this] { return ended_; })) return;

  std::fprintf(stderr, "watchdog: '%s' has not ended after %lld ms\n", test_.c_str(),
               static_cast<long long>(patience.count()));
  std::fflush(nullptr);
  std::_Exit(kWatchdogExitCode);
}

}  // namespace baton::testing
