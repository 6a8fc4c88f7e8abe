// Two sides of a channel that exclude each other by one word of memory which both can write.
//
//   free ──Take──▶ held by the parent ──GiveUp──▶ free
//     └───Take───▶ held by the child ───GiveUp──▶ free
//   held by somebody who is gone, or a value that nobody honest writes ──▶ broken ──Mend──▶ held
//
// The word is a hint of the other side's, who may be hostile: whatever stands in it, at whatever
// time it changes, a call returns by its deadline, and what this side holds is remembered
// elsewhere. A peer that lies can have both sides in at once, which is no more than it could do to
// the data.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <baton/actor.h>
#include <baton/base/result.h>

#include "runtime/shmem/peer_life.h"

namespace baton::internal {

// What zeros mean, so that new memory is a free lock.
inline constexpr std::uint32_t kLockFree = 0;

enum class IfBroken { kFail, kMend };

// One thread of this side at a time.
class LockWord {
 public:
  // Keeps a reference to both.
  LockWord(std::atomic<std::uint32_t>& word, Side side, const PeerLife& peer);

  // Errors: std::errc::timed_out; Errc::kOwnerDied when whoever held it is gone, or the word is
  // none: it stays so until somebody takes it with kMend. The deadline may have passed: then this
  // only looks.
  Result<void> Take(IfBroken if_broken, std::chrono::steady_clock::time_point until);

  // Whoever waits is woken, and has a moment in which this side does not take it again.
  void GiveUp();

 private:
  enum class Outcome { kTaken, kLookAgain, kBroken, kWait };

  // One look, and what follows from it. `seen` is the word to sleep on, after kWait.
  Outcome Try(IfBroken if_broken, bool may_overtake, std::uint32_t& seen);
  Outcome TryBroken(IfBroken if_broken, std::uint32_t word);
  bool Replace(std::uint32_t word, std::uint32_t with);
  // Takes the bits of somebody who is gone out of it.
  void Bury(std::uint32_t word);

  std::atomic<std::uint32_t>& word_;
  const PeerLife& peer_;
  const std::uint32_t mine_;    // the bit of this side that says `held`
  const std::uint32_t theirs_;  // and that of the other
  bool lets_pass_ = false;      // gave it up while the other side was waiting
};

}  // namespace baton::internal
