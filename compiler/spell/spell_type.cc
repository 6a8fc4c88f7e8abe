#include <string_view>

#include "compiler/spell/spell.h"

namespace batonc {
namespace {

constexpr std::string_view kScalarNames[] = {"bool",   "int8",  "int16",  "int32",
                                             "int64",  "uint8", "uint16", "uint32",
                                             "uint64", "float", "double"};

class Speller {
 public:
  Speller(const Model& model, NameStyle style) : model_(model), style_(style) {}

  void Add(const Type& type) {
    std::visit([this](const auto& kind) { AddKind(kind); }, type.kind);
  }

  std::vector<SpelledPart> Take() { return std::move(parts_); }

 private:
  void Text(std::string_view text) {
    if (parts_.empty() || parts_.back().declaration) parts_.emplace_back();
    parts_.back().text += text;
  }
  void Name(const Declaration& declaration, std::string_view ending = "") {
    const DeclarationHead& head = HeadOf(model_, declaration);
    std::string text = style_ == NameStyle::kFull ? FullName(head) : head.name;
    parts_.push_back({text.append(ending), declaration});
  }
  void Around(std::string_view before, const Type& inner, std::string_view after) {
    if (!before.empty()) Text(before);
    Add(inner);
    Text(after);
  }

  void AddKind(ErrorType) { Text("?"); }
  void AddKind(Scalar scalar) { Text(kScalarNames[static_cast<std::size_t>(scalar)]); }
  void AddKind(StringType) { Text("string"); }
  void AddKind(BytesType) { Text("bytes"); }
  void AddKind(const MemoryType& memory) {
    constexpr std::string_view kKinds[] = {"Shmem", "UnsafeShmem", "FrozenShmem"};
    Text(kKinds[static_cast<std::size_t>(memory.kind)]);
    if (memory.element) Around("<", *memory.element, ">");
  }
  void AddKind(SliceType) { Text("ShmemSlice"); }
  void AddKind(FileDescriptorType) { Text("FileDescriptor"); }
  void AddKind(EnumId id) { Name(id); }
  void AddKind(StructId id) { Name(id); }
  void AddKind(UnionId id) { Name(id); }
  void AddKind(ExternalType external) {
    if (external.is_nullable) Text("nullable ");
    Name(external.id);
  }
  void AddKind(ActorType actor) {
    if (actor.is_nullable) Text("nullable ");
    Name(actor.protocol);
  }
  void AddKind(EndpointType endpoint) {
    Text(endpoint.is_managed ? "ManagedEndpoint<" : "Endpoint<");
    Name(endpoint.protocol, endpoint.side == Side::kParent ? "Parent" : "Child");
    Text(">");
  }
  void AddKind(const ArrayOf& array) { Around("", *array.element, "[]"); }
  void AddKind(const FixedArrayOf& array) {
    Around("", *array.element, "[" + std::to_string(array.count) + "]");
  }
  void AddKind(const OptionalOf& optional) { Around("", *optional.value, "?"); }
  void AddKind(const UniquePtrTo& pointer) { Around("UniquePtr<", *pointer.value, ">"); }
  void AddKind(const MapOf& map) {
    Around("map<", *map.key, ", ");
    Around("", *map.value, ">");
  }

  const Model& model_;
  NameStyle style_;
  std::vector<SpelledPart> parts_;
};

}  // namespace

std::vector<SpelledPart> SpellParts(const Model& model, const Type& type, NameStyle style) {
  Speller speller(model, style);
  speller.Add(type);
  return speller.Take();
}

std::string Spell(const Model& model, const Type& type, NameStyle style) {
  std::string text;
  for (const SpelledPart& part : SpellParts(model, type, style)) text += part.text;
  return text;
}

const DeclarationHead& HeadOf(const Model& model, const Declaration& declaration) {
  return std::visit(
      Overloaded{[&](EnumId id) -> const DeclarationHead& { return model.enumeration(id); },
                 [&](StructId id) -> const DeclarationHead& { return model.structure(id); },
                 [&](UnionId id) -> const DeclarationHead& { return model.union_of(id); },
                 [&](ProtocolId id) -> const DeclarationHead& { return model.protocol(id); },
                 [&](ExternalId id) -> const DeclarationHead& { return model.external(id); },
                 [&](ConstantId id) -> const DeclarationHead& { return model.constant(id); }},
      declaration);
}

}  // namespace batonc
