#include "tests/support/watchdog.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace baton::testing {

Watchdog::Watchdog(std::chrono::milliseconds patience)
    : test_(Catch::getResultCapture().getCurrentTestName()),
      thread_([this, patience] { Guard(patience); }) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_started_; });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::Guard(std::chrono::milliseconds patience) {
  // The system clock's wait is one that this TSan understands; the steady one's it does not.
  const auto deadline = std::chrono::system_clock::now() + patience;
  std::unique_lock lock(mutex_);
  has_started_ = true;
  changed_.notify_all();
  if (changed_.wait_until(lock, deadline, [this] { return ended_; })) return;

  std::fprintf(stderr, "watchdog: '%s' has not ended after %lld ms\n", test_.c_str(),
               static_cast<long long>(patience.count()));
  std::fflush(nullptr);
  std::_Exit(kWatchdogExitCode);
}

}  // namespace baton::testing
