#include <baton/platform/shared_word.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// CLOCK_MONOTONIC, which is what std::chrono::steady_clock is here.
timespec MonotonicTime(std::chrono::steady_clock::time_point at) {
  const auto since = at.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  const std::chrono::nanoseconds rest = since - seconds;
  return {static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
}

}  // namespace

Result<void> SleepOnWord(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                         std::chrono::steady_clock::time_point until) {
  const timespec time = MonotonicTime(until);
  // FUTEX_WAIT_BITSET because its time is a moment; FUTEX_WAIT's is a length.
  const auto sleep = [&] {
    return ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected, &time, nullptr,
                     FUTEX_BITSET_MATCH_ANY);
  };
  const auto slept = Syscall("futex", sleep);
  const bool is_news = !slept && slept.error() != std::errc::resource_unavailable_try_again &&
                       slept.error() != std::errc::timed_out;
  if (is_news) return Fail(slept.error());
  return {};
}

void WakeWord(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace baton::platform
