#include "compiler/check/model.h"

namespace batonc {
namespace {

TypeTraits Both(const TypeTraits& a, const TypeTraits& b) {
  return {a.is_sent_once || b.is_sent_once, a.is_copyable && b.is_copyable,
          a.is_comparable && b.is_comparable, a.has_actors || b.has_actors};
}

TypeTraits TraitsOfExternal(const External& external, bool is_nullable) {
  const bool is_counted = external.is_ref_counted || is_nullable;
  const MoveOnly moves = external.move_only;
  const bool once = moves == MoveOnly::kSend || moves == MoveOnly::kBoth;
  const bool copyable = is_counted || moves == MoveOnly::kNo || moves == MoveOnly::kSend;
  return {once, copyable, false, false};
}

TypeTraits TraitsOfMemory(MemoryKind kind) {
  return {kind == MemoryKind::kShmem, false, false, false};
}

}  // namespace

TypeTraits TraitsOf(const Model& model, const Type& type) {
  const auto of = [&](const auto& inner) { return TraitsOf(model, *inner); };
  return std::visit(Overloaded{[](const MemoryType& memory) { return TraitsOfMemory(memory.kind); },
                               [](SliceType) { return TraitsOfMemory(MemoryKind::kShmem); },
                               [](FileDescriptorType) {
                                 return TypeTraits{false, false, false, false};
                               },
                               [](EndpointType) {
                                 return TypeTraits{true, false, false, false};
                               },
                               [](ActorType) {
                                 return TypeTraits{false, true, true, true};
                               },
                               [&](ExternalType used) {
                                 return TraitsOfExternal(model.external(used.id), used.is_nullable);
                               },
                               [&](StructId id) { return model.structure(id).traits; },
                               [&](UnionId id) { return model.union_of(id).traits; },
                               [&](const ArrayOf& array) { return of(array.element); },
                               [&](const FixedArrayOf& array) { return of(array.element); },
                               [&](const OptionalOf& optional) { return of(optional.value); },
                               [&](const UniquePtrTo& pointer) {
                                 return Both(of(pointer.value), {false, false, false, false});
                               },
                               [&](const MapOf& map) { return Both(of(map.key), of(map.value)); },
                               [](const auto&) { return TypeTraits(); }},
                    type.kind);
}

std::string FullName(const DeclarationHead& head) {
  std::string name;
  for (const std::string& part : head.namespace_path) name += part + "::";
  return name + head.name;
}

}  // namespace batonc
