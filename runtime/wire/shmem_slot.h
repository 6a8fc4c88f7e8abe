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

// The same for actors and managed endpoints: the bytes at `position` are a zeroed std::uint32_t,
// the id that the caller fills in for `value`, a std::shared_ptr<Actor> or an AnyManagedEndpoint.
struct OutgoingActor {
  Kind kind;  // kActor or kManagedEndpoint
  const void* value;
  std::size_t position;
};

// The empty `value` is to become the actor or endpoint `id`, of the protocol with that id.
struct IncomingActor {
  Kind kind;
  void* value;
  std::uint32_t id;
  std::uint64_t protocol;
};

}  // namespace baton::wire
