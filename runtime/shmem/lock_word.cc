#include "runtime/shmem/lock_word.h"

#include <baton/platform/shared_word.h>

#include <algorithm>

namespace baton::internal {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t kHeldByParent = 1;
constexpr std::uint32_t kHeldByChild = 2;
constexpr std::uint32_t kBroken = 16;
constexpr std::uint32_t kHeldBits = kHeldByParent | kHeldByChild;

constexpr std::uint32_t WaitingBit(std::uint32_t held) {
  return held << 2;
}

constexpr std::uint32_t kKnownBits = kHeldBits | WaitingBit(kHeldBits) | kBroken;

// What whoever was woken has, to take it before the side that has just had it.
constexpr std::chrono::milliseconds kHeadStart(1);

// Nobody is woken by a death.
constexpr std::chrono::milliseconds kBetweenLooksAtPeer(10);

// An honest peer changes the word twice while it holds it.
constexpr int kMostTries = 64;

}  // namespace

LockWord::LockWord(std::atomic<std::uint32_t>& word, Side side, const PeerLife& peer)
    : word_(word),
      peer_(peer),
      mine_(side == Side::kParent ? kHeldByParent : kHeldByChild),
      theirs_(kHeldBits & ~mine_) {}

Result<void> LockWord::Take(IfBroken if_broken, steady_clock::time_point until) {
  std::uint32_t seen = 0;
  Outcome outcome = Try(if_broken, !lets_pass_, seen);
  const auto overtakes_at =
      lets_pass_ ? steady_clock::now() + kHeadStart : steady_clock::time_point();
  std::error_code trouble;
  while (outcome == Outcome::kLookAgain || outcome == Outcome::kWait) {
    const auto now = steady_clock::now();
    if (now >= until) {
      trouble = std::make_error_code(std::errc::timed_out);
      break;
    }
    if (outcome == Outcome::kWait && peer_.IsGone()) {
      Bury(seen);
    } else if (outcome == Outcome::kWait) {
      auto wakes = std::min(until, now + kBetweenLooksAtPeer);
      if (overtakes_at > now) wakes = std::min(wakes, overtakes_at);
      const auto slept = platform::SleepOnWord(word_, seen, wakes);
      if (!slept) {
        trouble = slept.error();
        break;
      }
    }
    outcome = Try(if_broken, !lets_pass_ || steady_clock::now() >= overtakes_at, seen);
  }
  if (outcome == Outcome::kTaken) {
    lets_pass_ = false;
    return {};
  }
  word_.fetch_and(~WaitingBit(mine_), std::memory_order_relaxed);
  return Fail(outcome == Outcome::kBroken ? make_error_code(Errc::kOwnerDied) : trouble);
}

LockWord::Outcome LockWord::Try(IfBroken if_broken, bool may_overtake, std::uint32_t& seen) {
  const std::uint32_t word = word_.load(std::memory_order_acquire);
  // Held by this side, and nobody here has it: by a process that was here before this one.
  const bool is_broken = (word & ~kKnownBits) != 0 || (word & (kBroken | mine_)) != 0;
  if (is_broken) return TryBroken(if_broken, word);

  const bool is_promised = (word & WaitingBit(theirs_)) != 0 && !may_overtake;
  if ((word & theirs_) == 0 && !is_promised) {
    // Who is overtaken asks again; who is stopped does not, and is not waited for a second time.
    return Replace(word, mine_) ? Outcome::kTaken : Outcome::kLookAgain;
  }
  seen = word | WaitingBit(mine_);
  const bool knows = word == seen || Replace(word, seen);
  return knows ? Outcome::kWait : Outcome::kLookAgain;
}

LockWord::Outcome LockWord::TryBroken(IfBroken if_broken, std::uint32_t word) {
  if (if_broken == IfBroken::kMend) {
    return Replace(word, mine_) ? Outcome::kTaken : Outcome::kLookAgain;
  }
  if (word != kBroken) Replace(word, kBroken);
  return Outcome::kBroken;
}

bool LockWord::Replace(std::uint32_t word, std::uint32_t with) {
  return word_.compare_exchange_strong(word, with, std::memory_order_acq_rel,
                                       std::memory_order_relaxed);
}

void LockWord::Bury(std::uint32_t word) {
  const bool died_inside = (word & theirs_) != 0;
  Replace(word, died_inside ? kBroken : word & ~WaitingBit(theirs_));
}

void LockWord::GiveUp() {
  for (int tries = 0; tries < kMostTries; ++tries) {
    const std::uint32_t word = word_.load(std::memory_order_relaxed);
    if (!Replace(word, word & ~mine_)) continue;
    lets_pass_ = (word & WaitingBit(theirs_)) != 0;
    if (lets_pass_) platform::WakeWord(word_);
    return;
  }
  word_.store(kLockFree, std::memory_order_release);
  platform::WakeWord(word_);
}

}  // namespace baton::internal
