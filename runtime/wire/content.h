// Values as the encoder walks over them.
#pragma once

#include <cstddef>

#include <baton/wire/table.h>

#include "runtime/wire/mapping.h"

namespace baton::wire {

// A value to write: a field's own, or what its optional holds.
struct Content {
  const Type* type;
  const void* value;  // null: absent
  bool optional;      // then a scalar is written even if it is the default
};

inline Content ContentOf(const Type& type, const void* value) {
  if (!IsOptional(type.kind)) return {&type, value, false};
  return {type.element, type.optional->get(value), true};
}

// Values that lie in memory at equal distances.
struct Sequence {
  const std::byte* first;  // null when there are none
  std::size_t stride;      // bytes
  std::size_t size;        // values

  const void* at(std::size_t n) const { return first + n * stride; }
};

inline Sequence SequenceOf(const ArrayOperations& array, const void* value) {
  const std::size_t size = array.size(value);
  if (size == 0 || array.at == nullptr) return {nullptr, 0, size};
  const auto* const first = static_cast<const std::byte*>(array.at(value, 0));
  if (size == 1) return {first, 0, 1};
  const auto* const second = static_cast<const std::byte*>(array.at(value, 1));
  return {first, static_cast<std::size_t>(second - first), size};
}

}  // namespace baton::wire
