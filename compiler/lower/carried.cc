#include "compiler/lower/carried.h"

#include <algorithm>

namespace batonc {

std::string_view MissingIn(const Model& model, const Type& type) {
  std::string_view missing;
  Contains(type, Overloaded{[&](const MemoryType& memory) {
                              if (memory.kind == MemoryKind::kFrozenShmem) missing = "FrozenShmem";
                              return !missing.empty();
                            },
                            [&](SliceType) {
                              missing = "ShmemSlice";
                              return true;
                            },
                            [](const auto&) { return false; }});
  if (missing.empty() && !TraitsOf(model, type).is_carried) missing = "what holds such values";
  return missing;
}

bool IsCarried(const Model& model, NamedType type) {
  return std::visit(Overloaded{[](EnumId) { return true; },
                               [&](StructId id) { return model.structure(id).traits.is_carried; },
                               [&](UnionId id) { return model.union_of(id).traits.is_carried; }},
                    type);
}

std::vector<std::string_view> MissingFor(const Model& model, const Message& message) {
  std::vector<std::string_view> reasons;
  const auto add = [&](std::string_view reason) {
    if (reason.empty() || std::ranges::find(reasons, reason) != reasons.end()) return;
    reasons.push_back(reason);
  };
  for (const Field& field : message.parameters) add(MissingIn(model, field.type));
  if (message.returns) {
    for (const Field& field : *message.returns) add(MissingIn(model, field.type));
  }
  if (message.fails) add(MissingIn(model, *message.fails));
  return reasons;
}

}  // namespace batonc
