// What can be wrong with a reference by itself, before anybody asks whose memory it is.
#pragma once

#include <string>

#include <baton/base/checked_slice.h>

#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

inline bool IsWellFormed(const ShmemReference& reference) {
  const bool known = reference.kind == ShmemReference::kSafe ||
                     reference.kind == ShmemReference::kUnsafe ||
                     reference.kind == ShmemReference::kFrozen;
  const bool is_safe = reference.kind == ShmemReference::kSafe;
  const bool may_be_larger = reference.kind != ShmemReference::kUnsafe;
  return known && (may_be_larger || reference.capacity == 0) &&
         (is_safe || reference.generation == 0);
}

// That the memory is as large as the message says is for whoever maps it to find out.
inline bool IsInside(const SliceReference& slice) {
  return IsSlice(slice.offset, slice.length, slice.memory.size);
}

// "4096 bytes at 64 of 4096"
inline std::string Words(const SliceReference& slice) {
  return std::to_string(slice.length) + " bytes at " + std::to_string(slice.offset) + " of " +
         std::to_string(slice.memory.size);
}

}  // namespace baton::wire
