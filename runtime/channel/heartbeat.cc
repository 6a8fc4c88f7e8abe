#include "runtime/channel/heartbeat.h"

#include <algorithm>
#include <utility>

namespace baton::internal {
namespace {

// An honest peer that is not busy has read what it was sent by then.
constexpr std::chrono::milliseconds kSoon{10};

constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);  // no sum overflows

}  // namespace

Heartbeat::Heartbeat(std::chrono::milliseconds tolerance)
    : tolerance_(std::clamp(tolerance, std::chrono::milliseconds(0), kLongest)) {}

void Heartbeat::Begin(Clock::time_point now, std::uint64_t heard, bool soon) {
  is_watching_ = true;
  is_soon_ = soon;
  quiet_since_ = now;
  heard_ = heard;
  wait_ = soon ? std::min<Clock::duration>(kSoon, period()) : period();
  next_look_ = now + wait_;
}

bool Heartbeat::Expect(Clock::time_point now, bool soon) {
  const bool was_soon = std::exchange(is_soon_, soon);
  if (!is_watching_ || !soon || was_soon) return false;
  wait_ = std::min<Clock::duration>(kSoon, period());
  next_look_ = std::min(next_look_, now + wait_);
  return true;
}

void Heartbeat::LookAgain(Clock::time_point now) {
  wait_ = std::min(2 * wait_, period());
  next_look_ = now + wait_;
}

Heartbeat::Finding Heartbeat::Look(Clock::time_point now, std::uint64_t heard, bool has_asked) {
  const bool is_late = now - next_look_ > period();
  const bool has_spoken = heard != heard_;
  if (is_late || has_spoken) quiet_since_ = now;
  heard_ = heard;
  LookAgain(now);
  if (is_late && !has_spoken && !has_asked) return Finding::kAsk;
  const Clock::duration silent = SilentFor(now);
  if (has_asked) return silent >= tolerance_ ? Finding::kSilent : Finding::kNothing;
  return silent >= tolerance_ / 2 ? Finding::kAsk : Finding::kNothing;
}

}  // namespace baton::internal
