// Where a message refers to what travels beside its bytes: shared memory and handles. The codec
// knows only the place; runtime/shmem turns a place into memory that changes hands, or into a
// handle, before the bytes leave and after they were decoded.
#pragma once

#include <cstddef>
#include <cstdint>

#include <baton/wire/table.h>

namespace baton::wire {

// The inline FlatBuffers struct `BatonShmem` (docs/wire-format.md): 48 bytes, little-endian.
struct ShmemReference {
  std::uint64_t id_high = 0;  // 128 random bits, made by whoever allocated
  std::uint64_t id_low = 0;
  std::uint64_t size = 0;      // bytes
  std::uint64_t transfer = 0;  // how often this memory has changed hands, this time included
  std::uint32_t handle =
      kNoIndex;  // index into the frame's handles; kNoIndex: the peer maps it already
  std::uint32_t kind = kSafe;
  std::uint64_t reserved = 0;  // zero

  static constexpr std::uint32_t kNoIndex = 0xffffffff;
  static constexpr std::uint32_t kSafe = 1;
  static constexpr std::uint32_t kUnsafe = 2;
};
static_assert(sizeof(ShmemReference) == 48);

// While encoding: the bytes at `position` of the encoded message are a zeroed ShmemReference, or
// for a file descriptor a zeroed std::uint32_t, its index, that the caller fills in for `memory`.
struct OutgoingShmem {
  Kind kind;           // kShmem, kUnsafeShmem or kFileDescriptor
  const void* memory;  // baton::Shmem, baton::UnsafeShmem or baton::FileDescriptor
  std::size_t position;
};

// While decoding: `reference` is what the peer wrote (copied, otherwise unchecked) and is to become
// memory in the empty `memory`. Of a file descriptor only the index counts, `reference.handle`.
struct IncomingShmem {
  Kind kind;
  void* memory;
  ShmemReference reference;
};

}  // namespace baton::wire
