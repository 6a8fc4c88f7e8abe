// One SendX of a sync message, or AllocShmem, that waits for its answer; lies on the stack of its
// caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

#include <baton/internal/call_base.h>

#include "runtime/channel/ring_poller.h"

namespace baton::internal {

// The peer can make us handle a question inside of a wait, and a handler of ours may ask in turn,
// and so on: so often, and no deeper.
inline constexpr std::size_t kMaxSyncWaits = 32;

// Of a sync question that is being handled: what its sender, who waits, would handle meanwhile.
enum class SyncLevel : std::uint8_t {
  kNone,    // nothing is handled, nobody waits
  kSync,    // nested questions
  kNested,  // the same, of those that are as deep
};

struct SyncWait {
  SyncWait(SyncWait*& innermost, const CallBase& awaited, Clock::time_point deadline,
           bool runs_nested = true)
      : call(awaited),
        until(deadline),
        nests(runs_nested),
        depth(innermost == nullptr ? 1 : innermost->depth + 1),
        top(innermost),
        outer(std::exchange(innermost, this)) {}
  SyncWait(const SyncWait&) = delete;
  SyncWait& operator=(const SyncWait&) = delete;
  ~SyncWait() {
    top = outer;
    if (outer != nullptr && !nests) outer->looks_at_held = true;
  }

  const CallBase& call;
  const Clock::time_point until;
  const bool nests;  // nested questions are dispatched in here; else they are held as all data
  const std::size_t depth;
  bool looks_at_held = true;  // nested questions may have been held before, or by a wait inside
  std::error_code end;        // why no answer can come any more
  bool is_stuck = false;      // data stands in the way, and there is no room for it here
  bool has_hung_up = false;   // the other end of the stream is closed
  bool has_ended = false;     // the stream, all of it received

 private:
  SyncWait*& top;
  SyncWait* const outer;
};

}  // namespace baton::internal
