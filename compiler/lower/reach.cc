#include "compiler/lower/reach.h"

#include <optional>

namespace batonc {
namespace {

// The enum or struct below all wrappers of `type`.
std::optional<NamedType> NamedTypeOf(const Type& type) {
  using Found = std::optional<NamedType>;
  return std::visit(
      Overloaded{[](EnumId id) -> Found { return id; }, [](StructId id) -> Found { return id; },
                 [](const ArrayOf& array) { return NamedTypeOf(*array.element); },
                 [](const OptionalOf& optional) { return NamedTypeOf(*optional.value); },
                 [](const auto&) -> Found { return std::nullopt; }},
      type.kind);
}

bool IsMemory(const Type& type) {
  return std::visit(Overloaded{[](MemoryKind) { return true; },
                               [](const ArrayOf& array) { return IsMemory(*array.element); },
                               [](const OptionalOf& optional) { return IsMemory(*optional.value); },
                               [](const auto&) { return false; }},
                    type.kind);
}

}  // namespace

void Reach::Add(const Type& type) {
  has_memory_ = has_memory_ || IsMemory(type);
  if (const auto named = NamedTypeOf(type)) Add(*named);
}

void Reach::Add(const std::vector<Field>& fields) {
  for (const Field& field : fields) Add(field.type);
}

void Reach::Add(const Message& message) {
  Add(message.parameters);
  if (message.returns) Add(*message.returns);
}

// Depth first without recursion: how deep structs nest is up to whoever wrote the .idl.
void Reach::Add(NamedType type) {
  struct Visit {
    NamedType type;
    std::vector<NamedType> parts;
    std::size_t next = 0;
  };
  std::vector<Visit> visits;
  const auto enter = [&](NamedType entered) {
    if (!seen_.insert(entered).second) return;
    const auto* id = std::get_if<StructId>(&entered);
    visits.push_back({entered, id == nullptr ? std::vector<NamedType>{} : PartsOf(*id)});
  };
  enter(type);
  while (!visits.empty()) {
    Visit& visit = visits.back();
    if (visit.next < visit.parts.size()) {
      enter(visit.parts[visit.next++]);
    } else {
      types_.push_back(visit.type);
      visits.pop_back();
    }
  }
}

std::vector<NamedType> Reach::PartsOf(StructId id) {
  std::vector<NamedType> parts;
  for (const Field& field : model_.structure(id).fields) {
    has_memory_ = has_memory_ || IsMemory(field.type);
    if (const auto named = NamedTypeOf(field.type)) parts.push_back(*named);
  }
  return parts;
}

}  // namespace batonc
