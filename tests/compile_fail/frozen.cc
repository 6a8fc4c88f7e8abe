// Nobody writes into frozen memory, also by mistake.
#include <cstddef>
#include <utility>

#include "frozenParent.h"

namespace testing {

using baton::FrozenShmem;
using baton::Result;
using baton::Shmem;

Result<FrozenShmem> Freeze(PFrozenParent& frozen, Shmem memory) {
  memory.bytes()[0] = std::byte{1};
#ifdef FREEZE_AN_LVALUE  // EXPECT: lvalue of type 'baton::Shmem'
  BATON_TRY(FrozenShmem once, frozen.Freeze(memory));
#endif
#ifdef FORGET_WHAT_WAS_FROZEN  // EXPECT: ignoring return.*nodiscard
  frozen.Freeze(std::move(memory));
#endif
  return frozen.Freeze(std::move(memory));
}

std::byte Read(const FrozenShmem& memory) {
#ifdef WRITE_A_BYTE  // EXPECT: read-only location .*bytes\(\)|'operator\[\]' returns a const value
  memory.bytes()[0] = std::byte{1};
#endif
#ifdef WRITE_BY_A_SPAN  // EXPECT: conversion from .*span<const std::byte
  const std::span<std::byte> writable = memory.bytes();
#endif
#ifdef COPY_A_HANDLE  // EXPECT: deleted .*baton::FrozenShmem
  const FrozenShmem copy = memory;
#endif
  return memory.bytes()[0];
}

// It stays the sender's own, and may be sent again.
Result<void> Send(PFrozenParent& one, PFrozenParent& other, const FrozenShmem& memory) {
#ifdef SEND_MEMORY_THAT_IS_NOT_FROZEN  // EXPECT: 'baton::Shmem' to 'const baton::FrozenShmem
  return one.SendKeep(Shmem());
#endif
  BATON_CHECKED(one.SendKeep(memory));
  return other.SendKeep(memory);
}

}  // namespace testing
