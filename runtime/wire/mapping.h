// How a Type lies in a FlatBuffer (docs/wire-format.md, section 3): what encoder and decoder must
// agree on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <baton/wire/table.h>

#include "runtime/wire/scalar.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

// A value that may be absent: what it holds is where OptionalOperations say.
constexpr bool IsOptional(Kind kind) {
  return kind == Kind::kOptional || kind == Kind::kUniquePtr;
}

// A place in the message that names what is not in it: shared memory, a handle, an actor.
constexpr bool IsReference(Kind kind) {
  return kind >= Kind::kShmem && kind <= Kind::kManagedEndpoint;
}

// One that is an actor's id.
constexpr bool IsActorReference(Kind kind) {
  return kind == Kind::kActor || kind == Kind::kManagedEndpoint;
}

// Whether a value of this kind lies elsewhere and its table or vector has the offset. Of optionals
// this is true for what an optional holds: a box.
constexpr bool IsByOffset(Kind kind) {
  return kind >= Kind::kString && !IsReference(kind);
}

// Whether a value of this kind is a table of its own. An element of any other kind that is not
// one value of fixed size or a string travels in a box, and so does a member of a union:
// FlatBuffers has no vectors of vectors, no elements that may be absent, no unions of scalars.
constexpr bool IsOwnTable(Kind kind) {
  return kind == Kind::kStruct || kind == Kind::kUnion;
}
constexpr bool IsBoxedElement(Kind kind) {
  return IsByOffset(kind) && !IsOwnTable(kind) && kind != Kind::kString;
}

// Bytes that a value takes in its table or vector: itself, or the offset to it.
inline std::size_t WireSize(const Type& type) {
  if (type.kind <= Kind::kDouble) return ScalarSize(type.kind);
  if (type.kind == Kind::kEnum) return ScalarSize(type.enumeration->underlying);
  if (IsActorReference(type.kind) || type.kind == Kind::kFileDescriptor) return 4;
  if (type.kind == Kind::kEndpoint) return sizeof(EndpointReference);
  if (type.kind == Kind::kShmemSlice) return sizeof(SliceReference);
  return IsReference(type.kind) ? sizeof(ShmemReference) : 4;
}

std::size_t ElementMemory(const Type& element);

// Memory on the heap that a default-made value brings along: of unions that begin boxed, wherever
// they are in it. Types without end have no default-made values, so this ends.
inline std::size_t DefaultHeap(const Type& type) {
  if (type.kind == Kind::kFixedArray) return type.count * DefaultHeap(*type.element);
  if (type.kind == Kind::kUnion && type.alternatives->operations->begins_boxed) {
    return ElementMemory(*type.alternatives->alternatives[0].type);
  }
  std::size_t sum = 0;
  if (type.kind == Kind::kStruct) {
    for (const Row& row : type.table->rows) sum += DefaultHeap(*row.type);
  }
  return sum;
}

// Memory that one element of an array takes when it is made, before anything is decoded into it. A
// handle of shared memory counts as much as its reference, which is more.
inline std::size_t ElementMemory(const Type& element) {
  if (element.kind == Kind::kString) return sizeof(std::string);
  if (element.kind == Kind::kBytes) return sizeof(std::vector<std::byte>);
  return (element.size != 0 ? element.size : sizeof(ShmemReference)) + DefaultHeap(element);
}

// Memory that one entry of a map takes, without what it points to.
inline std::size_t EntryMemory(const Type& map) {
  constexpr std::size_t kNode = 64;
  return ElementMemory(*map.key) + ElementMemory(*map.element) + kNode;
}

// Bytes from one element of a fixed array to the next, in memory.
inline std::size_t StrideOf(const Type& fixed_array) {
  return fixed_array.count == 0 ? 0 : fixed_array.size / fixed_array.count;
}

// Whether it exists in `version` of its protocol, in which the channel speaks.
inline bool Exists(const Lifetime& lifetime, std::uint32_t version) {
  return lifetime.since <= version && (lifetime.removed == 0 || version < lifetime.removed);
}
inline bool Exists(const Row& row, std::uint32_t version) {
  return Exists(Lifetime{row.since, row.removed}, version);
}
inline bool Exists(const Message& message, std::uint32_t version) {
  return Exists(Lifetime{message.since, message.removed}, version);
}

// What a reader that knows the field does not do without.
constexpr bool IsNeverAbsent(Kind kind) {
  return IsReference(kind) || kind == Kind::kUnion || kind == Kind::kCustom;
}

// The newest version of any protocol: for tables that have no versions.
inline constexpr std::uint32_t kNewestVersion = 0xffffffff;

}  // namespace baton::wire
