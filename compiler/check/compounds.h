// Structs and unions as the nodes of one graph: first the structs, then the unions, each by id.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "compiler/check/innermost.h"
#include "compiler/check/model.h"

namespace batonc {

class Compounds {
 public:
  explicit Compounds(const Model& model) : model_(model) {}

  std::size_t size() const { return model_.structs.size() + model_.unions.size(); }
  bool IsStruct(std::size_t node) const { return node < model_.structs.size(); }
  const Struct& StructAt(std::size_t node) const { return model_.structs[node]; }
  const Union& UnionAt(std::size_t node) const {
    return model_.unions[node - model_.structs.size()];
  }
  const DeclarationHead& HeadOf(std::size_t node) const {
    if (IsStruct(node)) return StructAt(node);
    return UnionAt(node);
  }

  // Nothing for a type that is neither a struct nor a union, whatever it wraps.
  std::optional<std::size_t> NodeOf(const Type& type) const {
    if (const auto* id = std::get_if<StructId>(&type.kind)) return static_cast<std::size_t>(*id);
    if (const auto* id = std::get_if<UnionId>(&type.kind)) {
      return model_.structs.size() + static_cast<std::size_t>(*id);
    }
    return std::nullopt;
  }

  // `visit(type, name)` for each field or member.
  template <class Visit>
  void ForEachPart(std::size_t node, Visit visit) const {
    if (IsStruct(node)) {
      for (const Field& field : StructAt(node).fields) visit(field.type, field.name);
    } else {
      for (const UnionMember& member : UnionAt(node).members) visit(member.type, member.name);
    }
  }

 private:
  const Model& model_;
};

// The struct or union whose bytes are part of a value of this type in C++: an array, a map and a
// UniquePtr end it, an optional does not.
inline const Type* InsideOf(const Type& type) {
  const Type* at = &type;
  while (true) {
    if (const auto* optional = std::get_if<OptionalOf>(&at->kind)) {
      at = optional->value.get();
    } else if (const auto* array = std::get_if<FixedArrayOf>(&at->kind)) {
      at = array->element.get();
    } else {
      return InnerOf(*at) == nullptr ? at : nullptr;
    }
  }
}

}  // namespace batonc
