// Ends the process when a test hangs, with a message that names the test, and where each thread of
// it and of its children waits, and what peers in its threads have recorded (failure.h).
//
//   TEST_CASE("...") {
//     const Watchdog watchdog;
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/patience.h"

namespace baton::testing {

inline constexpr int kWatchdogExitCode = 86;

class Watchdog {
 public:
  // Construct on the thread of the test. The process exits with kWatchdogExitCode if this still
  // lives after `patience`. Its thread has begun when this returns: what the system does for a new
  // thread is nothing that a sandbox would allow.
  explicit Watchdog(std::chrono::milliseconds patience = kPatience);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void Guard(std::chrono::milliseconds patience);

  const std::string test_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_started_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace baton::testing
