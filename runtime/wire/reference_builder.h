// The part of the encoder that writes what a message names and does not hold: shared memory,
// handles, actors. Each leaves a hole of fixed size, and a note of who fills it once it is certain
// that the message leaves.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <vector>

#include "runtime/wire/content.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/shmem_slice_access.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

struct ReferenceBuilder {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<OutgoingShmem> shared_memory;  // positions count from the end, as the builder's do,
  std::vector<OutgoingActor> actors;         // until the message is whole
  std::uint64_t memory = 0;                  // what the message becomes in the reader

  // A field of `type`, which is a reference.
  void AddReference(flatbuffers::voffset_t field, const Type& type, const void* value) {
    if (IsInline(type.kind)) {
      Push(type, value);
      builder.AddStructOffset(field, builder.GetSize());
    } else {
      builder.AddElement<std::uint32_t>(field, 0);
      Note(type.kind, value);
    }
  }

  // A vector of them; its room has been reserved.
  flatbuffers::uoffset_t BuildReferences(const Type& element, const Sequence& sequence) {
    const std::size_t each = WireSize(element);
    const bool is_inline = IsInline(element.kind);
    is_inline ? builder.StartVector(sequence.size * each / 8, 8)
              : builder.StartVector(sequence.size, each);
    for (std::size_t n = sequence.size; n > 0; --n) Push(element, sequence.at(n - 1));
    return builder.EndVector(sequence.size);
  }

 private:
  // Whether its hole is a struct and not just a number.
  static bool IsInline(Kind kind) { return kind >= Kind::kShmem && kind <= Kind::kEndpoint; }

  // Of which class an endpoint is, and which part a slice is, stands in the hole already; all else
  // is zero.
  void Push(const Type& type, const void* value) {
    if (type.kind == Kind::kEndpoint) {
      const EndpointReference reference = {.class_id = type.count};
      builder.Align(8);
      builder.PushBytes(reinterpret_cast<const std::uint8_t*>(&reference), sizeof(reference));
    } else if (type.kind == Kind::kShmemSlice) {
      return PushSlice(*static_cast<const ShmemSlice*>(value));
    } else if (IsInline(type.kind)) {
      builder.Align(8);
      builder.Pad(sizeof(ShmemReference));
    } else {
      builder.PushElement<std::uint32_t>(0);
    }
    Note(type.kind, value);
  }

  // From its end to its beginning, as all here.
  void PushSlice(const ShmemSlice& slice) {
    const SliceReference range = baton::internal::ShmemSliceAccess::Describe(slice);
    builder.Align(8);
    builder.PushElement(range.length);
    builder.PushElement(range.offset);
    builder.Pad(sizeof(ShmemReference));
    Note(Kind::kShmem, &baton::internal::ShmemSliceAccess::whole(slice));
  }

  void Note(Kind kind, const void* value) {
    const std::size_t position = builder.GetSize();
    if (IsActorReference(kind)) return actors.push_back({kind, value, position});
    if (kind == Kind::kEndpoint) memory += kEndpointNote;
    if (kind == Kind::kFileDescriptor) memory += sizeof(ShmemReference);
    shared_memory.push_back({kind, value, position});
  }
};

}  // namespace baton::wire
