#include "compiler/lower/cpp_types.h"

#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

std::string Wire(std::string_view name) {
  return "baton::wire::" + std::string(name);
}

}  // namespace

CppScope ScopeOf(const Protocol& protocol) {
  CppScope scope = {
      protocol.namespace_path,
      {"Actor",       "ActorDestroy", "AllocShmem",  "AllocUnsafeShmem",        "CanSend",
       "Close",       "DeallocShmem", "Dispatch",    "OnHandlerError",          "PeerFault",
       "SendMessage", "close_detail", "close_error", "enable_shared_from_this", "kProtocol",
       "kSide",       "kToChild",     "kToParent",   "shared_from_this",        "weak_from_this"}};
  for (const Message& message : protocol.messages) {
    scope.hidden.insert({"k" + message.name, "Send" + message.name, "Recv" + message.name,
                         message.name + "Reply", message.name + "Replier"});
  }
  return scope;
}

std::string CppTypes::Name(const Type& type) const {
  return std::visit(
      Overloaded{[](ErrorType) { return std::string("void"); },
                 [](Scalar scalar) { return std::string(NamesOf(scalar).cpp); },
                 [](StringType) { return std::string("std::string"); },
                 [](BytesType) { return std::string("std::vector<std::byte>"); },
                 [](MemoryKind kind) { return "baton::" + std::string(NameOf(kind)); },
                 [&](EnumId id) { return NameOfHead(model_.enumeration(id)); },
                 [&](StructId id) { return NameOfHead(model_.structure(id)); },
                 [&](const ArrayOf& array) { return "std::vector<" + Name(*array.element) + ">"; },
                 [&](const OptionalOf& optional) {
                   return "std::optional<" + Name(*optional.value) + ">";
                 }},
      type.kind);
}

std::string CppTypes::WireType(const Type& type) const {
  const auto wrapper = [&](std::string_view name, const Type& inner) {
    return Wire(name) + "<" + Name(inner) + ", " + WireType(inner) + ">";
  };
  const auto named = [&](std::string_view name, const DeclarationHead& head) {
    return Wire(name) + "<" + NameOfHead(head) + ", " + TableOfHead(head) + ">";
  };
  return std::visit(
      Overloaded{
          [](ErrorType) { return std::string("void"); },
          [](Scalar scalar) { return Wire(NamesOf(scalar).wire); },
          [](StringType) { return Wire("kString"); }, [](BytesType) { return Wire("kBytes"); },
          [](MemoryKind kind) { return Wire("k" + std::string(NameOf(kind))); },
          [&](EnumId id) { return named("kEnumOf", model_.enumeration(id)); },
          [&](StructId id) { return named("kStructOf", model_.structure(id)); },
          [&](const ArrayOf& array) { return wrapper("kArrayOf", *array.element); },
          [&](const OptionalOf& optional) { return wrapper("kOptionalOf", *optional.value); }},
      type.kind);
}

std::string CppTypes::Initializer(const Type& type) const {
  return std::visit(
      Overloaded{[](Scalar scalar) { return std::string(scalar == Scalar::kBool ? "false" : "0"); },
                 [&](EnumId id) {
                   const Enum& declaration = model_.enumeration(id);
                   return NameOfHead(declaration) + "::" + declaration.enumerators.front().name;
                 },
                 [](const auto&) { return std::string("{}"); }},
      type.kind);
}

std::string CppTypes::Sent(const Type& type, const std::string& name) const {
  if (IsPlain(type)) return Name(type) + " " + name;
  const auto* memory = std::get_if<MemoryKind>(&type.kind);
  const bool consumed =
      CarriesMemory(model_, type) && (memory == nullptr || *memory != MemoryKind::kUnsafeShmem);
  return consumed ? Name(type) + "&& " + name : "const " + Name(type) + "& " + name;
}

std::string CppTypes::NameOfHead(const DeclarationHead& head) const {
  const bool visible =
      head.namespace_path == scope_.namespace_path && !scope_.hidden.contains(head.name);
  return visible ? head.name : "::" + FullName(head);
}

std::string CppTypes::TableOfHead(const DeclarationHead& head) const {
  std::string name = "baton_wire_::k" + head.name;
  if (head.namespace_path == scope_.namespace_path) return name;
  std::string path;
  for (const std::string& part : head.namespace_path) path += "::" + part;
  return path + "::" + name;
}

bool IsPlain(const Type& type) {
  return std::holds_alternative<Scalar>(type.kind) || std::holds_alternative<EnumId>(type.kind);
}

}  // namespace batonc
