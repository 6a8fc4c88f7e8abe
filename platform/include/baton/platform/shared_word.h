// Sleeping on a word of memory that processes share.
//
// On Linux a futex: no descriptor, no state beside the word, nothing that a dead process leaves
// behind. (macOS: os_sync_wait_on_address with its flag for shared memory. Windows has nothing that
// reaches another process; there an event stands beside the word.)
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <baton/base/result.h>

namespace baton::platform {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// Sleeps while `word` is `expected`, until somebody wakes it or `until`; may return earlier,
// without a cause, so look at the word again. Whoever else can write the word can wake nobody, or
// all the time: nothing but `until` is sure. Errors: the system's, for memory that is not there.
Result<void> SleepOnWord(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                         std::chrono::steady_clock::time_point until);

// Wakes all who sleep on it, in every process.
void WakeWord(std::atomic<std::uint32_t>& word);

}  // namespace baton::platform
