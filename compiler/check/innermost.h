// What is at the bottom of a type, whatever is around it.
#pragma once

#include "compiler/check/model.h"

namespace batonc {

// The type inside one wrapper (of a map its values'), or null when there is no wrapper.
inline const Type* InnerOf(const Type& type) {
  return std::visit(Overloaded{[](const ArrayOf& array) { return array.element.get(); },
                               [](const FixedArrayOf& array) { return array.element.get(); },
                               [](const OptionalOf& optional) { return optional.value.get(); },
                               [](const UniquePtrTo& pointer) { return pointer.value.get(); },
                               [](const MapOf& map) { return map.value.get(); },
                               [](const auto&) -> const Type* { return nullptr; }},
                    type.kind);
}

inline const Type& Innermost(const Type& type) {
  const Type* at = &type;
  while (const Type* inner = InnerOf(*at)) at = inner;
  return *at;
}

// `visit(innermost)` for it and, before it, for the keys of maps and what typed memory holds.
template <class Visit>
void ForEachInnermost(const Type& type, Visit visit) {
  const Type* at = &type;
  while (const Type* inner = InnerOf(*at)) {
    if (const auto* map = std::get_if<MapOf>(&at->kind)) visit(*map->key);
    at = inner;
  }
  const auto* memory = std::get_if<MemoryType>(&at->kind);
  if (memory != nullptr && memory->element != nullptr) visit(*memory->element);
  visit(*at);
}

}  // namespace batonc
