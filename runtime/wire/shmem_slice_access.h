// The codec's door into a ShmemSlice: it writes and reads the range itself, and leaves the memory
// to whoever moves memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include <baton/shmem_slice.h>

#include "runtime/wire/shmem_slot.h"

namespace baton::internal {

class ShmemSliceAccess {
 public:
  // The range, of memory that is to be filled in; what `slice` had is kept.
  static wire::SliceReference Describe(const ShmemSlice& slice) {
    wire::SliceReference reference;
    reference.offset = slice.offset_;
    reference.length = slice.length_;
    return reference;
  }

  static const Shmem& whole(const ShmemSlice& slice) { return slice.whole_; }

  // A range that was compared with the size of the memory that is about to arrive in the whole,
  // which this returns.
  static Shmem& SetRange(ShmemSlice& slice, std::uint64_t offset, std::uint64_t length) {
    slice.offset_ = offset;
    slice.length_ = length;
    return slice.whole_;
  }
};

}  // namespace baton::internal
