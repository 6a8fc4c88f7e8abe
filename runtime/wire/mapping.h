// How a Type lies in a FlatBuffer (docs/wire-format.md, section 3): what encoder and decoder must
// agree on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <baton/wire/table.h>

#include "runtime/wire/scalar.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

// Whether a value of this kind lies elsewhere and its table or vector has the offset. Of kOptional
// this is true for what an optional holds: a box.
constexpr bool IsByOffset(Kind kind) {
  return kind >= Kind::kString && kind <= Kind::kOptional;
}

// Whether an element of this kind travels in a box: FlatBuffers has no vectors of vectors and no
// elements that may be absent.
constexpr bool IsBoxedElement(Kind kind) {
  return kind == Kind::kBytes || kind == Kind::kArray || kind == Kind::kOptional;
}

// Bytes that a value takes in its table or vector: itself, or the offset to it.
inline std::size_t WireSize(const Type& type) {
  if (type.kind <= Kind::kDouble) return ScalarSize(type.kind);
  if (type.kind == Kind::kEnum) return ScalarSize(type.enumeration->underlying);
  return IsByOffset(type.kind) ? 4 : sizeof(ShmemReference);
}

// Memory that one element of an array takes, without what it points to. A handle of shared memory
// counts as much as its reference, which is more.
inline std::size_t ElementMemory(const Type& element) {
  if (element.kind == Kind::kString) return sizeof(std::string);
  if (element.kind == Kind::kBytes) return sizeof(std::vector<std::byte>);
  return element.size != 0 ? element.size : sizeof(ShmemReference);
}

}  // namespace baton::wire
