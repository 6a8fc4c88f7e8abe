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
  std::uint32_t generation = 0;  // how often it has moved to another channel
  std::uint32_t capacity = 0;    // of the whole object, in units of 4,096 bytes; 0: exactly `size`

  static constexpr std::uint32_t kNoIndex = 0xffffffff;
  static constexpr std::uint32_t kSafe = 1;
  static constexpr std::uint32_t kUnsafe = 2;
  static constexpr std::uint32_t kFrozen = 3;
};
static_assert(sizeof(ShmemReference) == 48);

// The inline FlatBuffers struct `BatonShmemSlice`: 64 bytes, little-endian. The range lies inside
// `memory`, which is safe memory.
struct SliceReference {
  ShmemReference memory;
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;
};
static_assert(sizeof(SliceReference) == 64);

// The inline FlatBuffers struct `BatonEndpoint`: 24 bytes, little-endian.
struct EndpointReference {
  std::uint64_t class_id = 0;        // of the class that can be bound to it
  std::uint64_t label = 0;           // what the giver calls the other end; 0: nothing
  std::uint32_t socket = kNoIndex;   // index into the frame's handles
  std::uint32_t process = kNoIndex;  // the same, of the other end's process; kNoIndex: unknown

  static constexpr std::uint32_t kNoIndex = 0xffffffff;
};
static_assert(sizeof(EndpointReference) == 24);

// While encoding: the bytes at `position` of the encoded message are a zeroed ShmemReference, or
// for an endpoint a zeroed EndpointReference but for its class, for a file descriptor a zeroed
// std::uint32_t, its index, that the caller fills in for `memory`. The memory of a slice is here as
// any Shmem; the slice's range is in the message already.
struct OutgoingShmem {
  Kind kind;  // kShmem, kUnsafeShmem, kFrozenShmem, kEndpoint or kFileDescriptor
  // A baton::Shmem, UnsafeShmem, FrozenShmem, internal::EndpointParts or FileDescriptor.
  const void* memory;
  std::size_t position;
};

// While decoding: `reference` is what the peer wrote (copied, otherwise unchecked) and is to become
// memory in the empty `memory`. Of a file descriptor only the index counts, `reference.handle`. Of
// an endpoint, whose class is the field's, it is `endpoint` instead. A slice has its range already,
// and is here as the Shmem in it.
struct IncomingShmem {
  Kind kind;
  void* memory;
  ShmemReference reference;
  EndpointReference endpoint = {};
};

// What an endpoint costs a reader, for the note of where it belongs (docs/wire-format.md, budget).
inline constexpr std::uint64_t kEndpointNote = 96;
static_assert(sizeof(IncomingShmem) <= kEndpointNote);

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
