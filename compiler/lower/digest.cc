#include "compiler/lower/digest.h"

#include "compiler/lower/reach.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

std::string SpellingOf(const Model& model, const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += ", ";
    text += Spelling(model, field.type) + " " + field.name;
  }
  return "(" + text + ")";
}

std::string LineOf(const Enum& declaration) {
  std::string text;
  for (const Enumerator& enumerator : declaration.enumerators) {
    if (!text.empty()) text += ", ";
    text += enumerator.name + " = " + std::to_string(enumerator.value);
  }
  return "enum " + FullName(declaration) + " : " +
         std::string(NamesOf(declaration.underlying).idl) + " (" + text + ")\n";
}

std::string LineOf(const Model& model, const Message& message) {
  const auto direction = [&] {
    switch (message.direction) {
      case Direction::kToParent: return "parent";
      case Direction::kToChild: return "child";
      case Direction::kBoth: return "both";
    }
    return "";
  };
  std::string line =
      std::string(direction()) + ": async " + message.name + SpellingOf(model, message.parameters);
  if (message.returns) line += " returns " + SpellingOf(model, *message.returns);
  return line + "\n";
}

}  // namespace

std::string Spelling(const Model& model, const Type& type) {
  return std::visit(
      Overloaded{
          [](ErrorType) { return std::string("?"); },
          [](Scalar scalar) { return std::string(NamesOf(scalar).idl); },
          [](StringType) { return std::string("string"); },
          [](BytesType) { return std::string("bytes"); },
          [](MemoryKind kind) { return std::string(NameOf(kind)); },
          [&](EnumId id) { return FullName(model.enumeration(id)); },
          [&](StructId id) { return FullName(model.structure(id)); },
          [&](const ArrayOf& array) { return Spelling(model, *array.element) + "[]"; },
          [&](const OptionalOf& optional) { return Spelling(model, *optional.value) + "?"; }},
      type.kind);
}

std::string CanonicalText(const Model& model, const Protocol& protocol) {
  Reach reach(model);
  for (const Message& message : protocol.messages) reach.Add(message);
  std::string text;
  for (const NamedType& type : reach.types()) {
    text += std::visit(Overloaded{[&](EnumId id) { return LineOf(model.enumeration(id)); },
                                  [&](StructId id) {
                                    const Struct& declaration = model.structure(id);
                                    return "struct " + FullName(declaration) + " " +
                                           SpellingOf(model, declaration.fields) + "\n";
                                  }},
                       type);
  }
  text += "protocol " + FullName(protocol) + "\n";
  for (const Message& message : protocol.messages) text += LineOf(model, message);
  return text;
}

std::uint64_t SchemaHash(const Model& model, const Protocol& protocol) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : CanonicalText(model, protocol)) {
    hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x00000100000001b3;
  }
  return hash;
}

}  // namespace batonc
