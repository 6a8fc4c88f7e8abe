// A question of ours that the peer has not answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

#include <baton/internal/call_base.h>
#include <baton/wire/table.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

// When questions are given up; the values are their numbers.
using CallDeadlines = std::multimap<std::chrono::steady_clock::time_point, std::uint64_t>;

// What a deadline is cut to: no addition to it overflows.
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 365);

struct PendingCall {
  const wire::Message* message;
  std::shared_ptr<CallBase> call;
  std::uint32_t actor = 0;   // who asked
  std::error_code given_up;  // why nobody waits for it any more, if so
  std::optional<CallDeadlines::iterator> deadline = {};
  std::uint64_t asked = 0;  // of a loan: bytes
};

// The lane that the answer to `message` comes by.
inline Lane AnswerLane(const wire::Message& message) {
  const bool is_loan = message.role == wire::MessageRole::kLoan;
  return message.is_sync || is_loan ? Lane::kControl : Lane::kData;
}

}  // namespace baton::internal
