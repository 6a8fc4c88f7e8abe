#include "compiler/lower/digest.h"

#include <algorithm>
#include <vector>

#include "compiler/lower/cpp_values.h"
#include "compiler/lower/reach.h"
#include "compiler/lower/scalars.h"
#include "compiler/lower/version_tree.h"

namespace batonc {
namespace {

std::string SpellingOf(const Model& model, const Value& value) {
  if (const auto* enumerator = std::get_if<EnumeratorRef>(&value)) {
    return model.enumeration(enumerator->enumeration).enumerators[enumerator->index].name;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return CppText(*text);
  return PlainNumber(value);
}

std::string SpellingOf(const Model& model, const Bounds& bounds) {
  std::string text;
  if (bounds.min) text += "[Min=" + SpellingOf(model, *bounds.min) + "] ";
  if (bounds.max) text += "[Max=" + SpellingOf(model, *bounds.max) + "] ";
  if (bounds.max_count) text += "[MaxCount=" + std::to_string(*bounds.max_count) + "] ";
  return text;
}

// A field's id is its place among all fields, whatever their versions: where something before it
// does not exist, its id is written out.
std::string SpellingOf(const Model& model, const std::vector<Field>& fields,
                       std::uint32_t version) {
  std::string text;
  bool is_gapless = true;
  for (std::size_t id = 0; id < fields.size(); ++id) {
    const Field& field = fields[id];
    if (!ExistsIn(version, field.lifetime)) {
      is_gapless = false;
      continue;
    }
    if (!text.empty()) text += ", ";
    if (!is_gapless) text += std::to_string(id) + ": ";
    text += SpellingOf(model, field.bounds) + Spelling(model, field.type) + " " + field.name;
    if (field.default_value) text += " = " + SpellingOf(model, *field.default_value);
  }
  return "(" + text + ")";
}

std::string LineOf(const Enum& declaration, std::uint32_t version) {
  std::vector<const Enumerator*> enumerators;
  for (const Enumerator& enumerator : declaration.enumerators) {
    if (ExistsIn(version, enumerator.lifetime)) enumerators.push_back(&enumerator);
  }
  std::ranges::sort(enumerators, {}, &Enumerator::value);
  std::string text;
  for (const Enumerator* enumerator : enumerators) {
    if (!text.empty()) text += ", ";
    text += enumerator->name + " = " + std::to_string(enumerator->value);
  }
  return std::string(declaration.is_flags ? "[Flags] " : "") +
         (declaration.is_extensible ? "[Extensible] " : "") + "enum " + FullName(declaration) +
         " : " + std::string(NamesOf(declaration.underlying).idl) + " (" + text + ") default " +
         declaration.enumerators.front().name + "\n";
}

std::string LineOf(const Model& model, const Struct& declaration, std::uint32_t version) {
  return "struct " + FullName(declaration) + " " + SpellingOf(model, declaration.fields, version) +
         "\n";
}

std::string LineOf(const Model& model, const Union& declaration) {
  std::string text;
  for (const UnionMember& member : declaration.members) {
    if (!text.empty()) text += ", ";
    text += Spelling(model, member.type) + " " + member.name;
  }
  return "union " + FullName(declaration) + " (" + text + ")\n";
}

std::string LineOf(const Model& model, const Message& message, std::uint32_t version) {
  const auto direction = [&] {
    switch (message.direction) {
      case Direction::kToParent: return "parent";
      case Direction::kToChild: return "child";
      case Direction::kBoth: return "both";
    }
    return "";
  };
  const bool is_nested = message.nesting == Nesting::kInsideSync;
  std::string line = std::string(direction()) + (is_nested ? ": nested" : ":") +
                     (message.is_sync ? " sync " : " async ") + message.name +
                     (message.constructs ? "Constructor" : "") +
                     SpellingOf(model, message.parameters, version);
  if (message.returns) line += " returns " + SpellingOf(model, *message.returns, version);
  if (message.fails) line += " fails (" + Spelling(model, *message.fails) + ")";
  return line + "\n";
}

std::string LinesOf(const Model& model, const Protocol& protocol, std::uint32_t version) {
  std::vector<std::string> messages;
  for (const Message& message : protocol.messages) {
    if (ExistsIn(version, message.lifetime)) messages.push_back(LineOf(model, message, version));
  }
  std::ranges::sort(messages);
  std::string text = "protocol " + FullName(protocol) + "\n";
  for (const std::string& line : messages) text += line;
  return text;
}

std::vector<std::string> TypeLines(const Model& model, const std::vector<const Protocol*>& tree,
                                   std::uint32_t version) {
  Reach reach(model, {}, version);
  for (const Protocol* const protocol : tree) {
    for (const Message& message : protocol->messages) {
      if (ExistsIn(version, message.lifetime)) reach.Add(message);
    }
  }
  std::vector<std::string> lines;
  for (const Reach::Found& found : reach.Types()) {
    lines.push_back(std::visit(
        Overloaded{[&](EnumId id) { return LineOf(model.enumeration(id), version); },
                   [&](StructId id) { return LineOf(model, model.structure(id), version); },
                   [&](UnionId id) { return LineOf(model, model.union_of(id)); }},
        found.type));
  }
  return lines;
}

}  // namespace

std::string Spelling(const Model& model, const Type& type) {
  const auto actor = [&](ProtocolId id, Side side) {
    return FullName(model.protocol(id)) + (side == Side::kParent ? "Parent" : "Child");
  };
  const auto nullable = [](bool is_nullable) { return is_nullable ? "nullable " : ""; };
  return std::visit(
      Overloaded{
          [](ErrorType) { return std::string("?"); },
          [](Scalar scalar) { return std::string(NamesOf(scalar).idl); },
          [](StringType) { return std::string("string"); },
          [](BytesType) { return std::string("bytes"); },
          [&](const MemoryType& memory) {
            const std::string name(NameOf(memory.kind));
            return memory.element ? name + "<" + Spelling(model, *memory.element) + ">" : name;
          },
          [](SliceType) { return std::string("ShmemSlice"); },
          [](FileDescriptorType) { return std::string("FileDescriptor"); },
          [&](EnumId id) { return FullName(model.enumeration(id)); },
          [&](StructId id) { return FullName(model.structure(id)); },
          [&](UnionId id) { return FullName(model.union_of(id)); },
          [&](ExternalType external) {
            return nullable(external.is_nullable) + FullName(model.external(external.id));
          },
          [&](ActorType actor_type) {
            return nullable(actor_type.is_nullable) + FullName(model.protocol(actor_type.protocol));
          },
          [&](EndpointType endpoint) {
            return (endpoint.is_managed ? "ManagedEndpoint<" : "Endpoint<") +
                   actor(endpoint.protocol, endpoint.side) + ">";
          },
          [&](const ArrayOf& array) { return Spelling(model, *array.element) + "[]"; },
          [&](const FixedArrayOf& array) {
            return Spelling(model, *array.element) + "[" + std::to_string(array.count) + "]";
          },
          [&](const OptionalOf& optional) { return Spelling(model, *optional.value) + "?"; },
          [&](const UniquePtrTo& pointer) {
            return "UniquePtr<" + Spelling(model, *pointer.value) + ">";
          },
          [&](const MapOf& map) {
            return "map<" + Spelling(model, *map.key) + ", " + Spelling(model, *map.value) + ">";
          }},
      type.kind);
}

std::string CanonicalText(const Model& model, const Protocol& protocol, std::uint32_t version) {
  const std::vector<const Protocol*> tree = TreeIn(model, protocol, version);
  std::vector<std::string> types = TypeLines(model, tree, version);
  std::ranges::sort(types);
  std::string text;
  for (const std::string& line : types) text += line;
  for (const Protocol* const one : tree) text += LinesOf(model, *one, version);
  return text;
}

std::uint64_t SchemaHash(const Model& model, const Protocol& protocol, std::uint32_t version) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : CanonicalText(model, protocol, version)) {
    hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x00000100000001b3;
  }
  return hash;
}

}  // namespace batonc
