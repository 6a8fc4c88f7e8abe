#include "compiler/lower/fbs_boxes.h"

#include "compiler/lower/scalars.h"

namespace batonc {

bool NeedsBoxAsElement(const Type& type) {
  return std::visit(
      Overloaded{[](BytesType) { return true; }, [](const ExternalType&) { return true; },
                 [](const ArrayOf&) { return true; }, [](const FixedArrayOf&) { return true; },
                 [](const OptionalOf&) { return true; }, [](const UniquePtrTo&) { return true; },
                 [](ActorType actor) { return actor.is_nullable; },
                 [](const MapOf&) { return true; }, [](const auto&) { return false; }},
      type.kind);
}

std::string FbsWord(const Model& model, const Type& type) {
  const auto word = [&](const Type& inner) { return FbsWord(model, inner); };
  return std::visit(
      Overloaded{[](ErrorType) { return std::string("error"); },
                 [](Scalar scalar) { return std::string(NamesOf(scalar).idl); },
                 [](StringType) { return std::string("string"); },
                 [](BytesType) { return std::string("bytes"); },
                 [](const MemoryType& memory) { return std::string(NameOf(memory.kind)); },
                 [](SliceType) { return std::string("ShmemSlice"); },
                 [](FileDescriptorType) { return std::string("FileDescriptor"); },
                 [&](EnumId id) { return model.enumeration(id).name; },
                 [&](StructId id) { return model.structure(id).name; },
                 [&](UnionId id) { return model.union_of(id).name; },
                 [&](const ExternalType& external) { return model.external(external.id).name; },
                 [&](ActorType actor) { return model.protocol(actor.protocol).name; },
                 [&](EndpointType endpoint) { return model.protocol(endpoint.protocol).name; },
                 [&](const ArrayOf& array) { return word(*array.element) + "_array"; },
                 [&](const FixedArrayOf& array) {
                   return word(*array.element) + "_array" + std::to_string(array.count);
                 },
                 [&](const OptionalOf& optional) { return word(*optional.value) + "_optional"; },
                 [&](const UniquePtrTo& pointer) { return word(*pointer.value) + "_pointer"; },
                 [&](const MapOf& map) { return word(*map.key) + "_to_" + word(*map.value); }},
      type.kind);
}

}  // namespace batonc
