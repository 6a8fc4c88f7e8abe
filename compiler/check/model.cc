#include "compiler/check/model.h"

namespace batonc {

bool CarriesMemory(const Model& model, const Type& type) {
  return std::visit(
      Overloaded{[](MemoryKind) { return true; },
                 [&](StructId id) { return model.structure(id).carries_memory; },
                 [&](const ArrayOf& array) { return CarriesMemory(model, *array.element); },
                 [&](const OptionalOf& optional) { return CarriesMemory(model, *optional.value); },
                 [](const auto&) { return false; }},
      type.kind);
}

std::string FullName(const DeclarationHead& head) {
  std::string name;
  for (const std::string& part : head.namespace_path) name += part + "::";
  return name + head.name;
}

}  // namespace batonc
