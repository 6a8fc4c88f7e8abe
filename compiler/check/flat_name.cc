#include "compiler/check/flat_name.h"

#include <algorithm>

#include "compiler/check/builtin_types.h"

namespace batonc {
namespace {

// Template arguments and `::` of a `using` type are no part of a word.
std::string Word(std::string_view name) {
  std::string word(name);
  std::erase_if(word, [](char c) { return c == '<' || c == '>' || c == ':' || c == ' '; });
  return word;
}

std::string CountOf(const TypeSyntax& type) {
  if (!type.count) return "";
  if (const auto* number = std::get_if<NumberSyntax>(&type.count->what)) {
    return std::to_string(number->magnitude);
  }
  const auto* name = std::get_if<Name>(&type.count->what);
  return name == nullptr ? "" : name->text;
}

}  // namespace

std::string FlatName(const TypeSyntax& type) {
  using Form = TypeSyntax::Form;
  switch (type.form) {
    case Form::kName:
      return Word(type.name) + (type.inner.empty() ? "" : FlatName(type.inner.front()));
    case Form::kArray: return "ArrayOf" + FlatName(type.inner.front());
    case Form::kFixedArray: return "Array" + CountOf(type) + "Of" + FlatName(type.inner.front());
    case Form::kOptional: return "Maybe" + FlatName(type.inner.front());
    case Form::kUniquePtr: return "UniquePtrTo" + FlatName(type.inner.front());
    case Form::kMap:
      return "MapOf" + FlatName(type.inner.at(0)) + "To" + FlatName(type.inner.at(1));
  }
  return "";
}

std::string Identity(const Model& model, const Type& type) {
  const auto of = [&](const auto& inner) { return Identity(model, *inner); };
  const auto full = [](const DeclarationHead& head) { return "::" + FullName(head); };
  const auto null = [](bool is_nullable) { return is_nullable ? "nullable " : ""; };
  return std::visit(
      Overloaded{[](ErrorType) { return std::string(); },
                 [](Scalar scalar) { return std::string(SpellingOf(scalar)); },
                 [](StringType) { return std::string("string"); },
                 [](BytesType) { return std::string("bytes"); },
                 [&](const MemoryType& memory) {
                   return "memory" + std::to_string(static_cast<int>(memory.kind)) +
                          (memory.element == nullptr ? "" : "<" + of(memory.element) + ">");
                 },
                 [](SliceType) { return std::string("slice"); },
                 [](FileDescriptorType) { return std::string("file"); },
                 [&](EnumId id) { return full(model.enumeration(id)); },
                 [&](StructId id) { return full(model.structure(id)); },
                 [&](UnionId id) { return full(model.union_of(id)); },
                 [&](ExternalType external) {
                   return null(external.is_nullable) + model.external(external.id).qualified_name;
                 },
                 [&](ActorType actor) {
                   return null(actor.is_nullable) + full(model.protocol(actor.protocol));
                 },
                 [&](EndpointType end) {
                   return std::string(end.is_managed ? "managed " : "endpoint ") +
                          (end.side == Side::kParent ? "parent " : "child ") +
                          full(model.protocol(end.protocol));
                 },
                 [&](const ArrayOf& array) { return "[" + of(array.element) + "]"; },
                 [&](const FixedArrayOf& array) {
                   return "[" + std::to_string(array.count) + " " + of(array.element) + "]";
                 },
                 [&](const OptionalOf& optional) { return "?" + of(optional.value); },
                 [&](const UniquePtrTo& pointer) { return "*" + of(pointer.value); },
                 [&](const MapOf& map) { return "{" + of(map.key) + ":" + of(map.value) + "}"; }},
      type.kind);
}

}  // namespace batonc
