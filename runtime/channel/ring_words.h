// The words at the beginning of a ring's memory, through which its two sides talk. All are atomic,
// and the side that does not write a word believes nothing of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/channel/ring.h"

namespace baton::internal {

// Lines of 128 bytes, since processors fetch 64-byte lines in pairs: a side that polls its word is
// disturbed by nothing but news for it. The other side may be of another build: moving a word needs
// a new kWireVersion.
struct RingWords {
  struct alignas(kRingAlignment) Count {
    std::uint64_t bytes;
  };
  struct alignas(kRingAlignment) Flag {
    std::uint32_t set;
  };

  Count written[2];  // per lane; by the writer
  Count read[2];     // per lane; by the reader
  Flag reader_sleeps;
  Flag writer_waits[2];  // per lane; for room
};
static_assert(offsetof(RingWords, read) == 256);
static_assert(offsetof(RingWords, reader_sleeps) == 512);
static_assert(offsetof(RingWords, writer_waits) == 640);
static_assert(sizeof(RingWords) == 896 && sizeof(RingWords) <= kRingWordsSize);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic_ref<std::uint32_t>::is_always_lock_free);

}  // namespace baton::internal
