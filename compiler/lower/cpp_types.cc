#include "compiler/lower/cpp_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "compiler/lower/cpp_values.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

std::string Wire(std::string_view name) {
  return "baton::wire::" + std::string(name);
}

// `::int` is not C++.
bool IsWordOfCpp(std::string_view name) {
  constexpr std::string_view kWords[] = {"bool", "char",  "double", "float",    "int",
                                         "long", "short", "signed", "unsigned", "wchar_t"};
  return std::ranges::find(kWords, name.substr(0, name.find(' '))) != std::end(kWords);
}

// A name where it is too long: the runtime's wire::ProtocolId.
std::string NumberOfName(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : name) {
    hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x00000100000001b3;
  }
  return fmt::format("{:#018x}ull", hash);
}

}  // namespace

CppScope ScopeOf(const Protocol& protocol) {
  CppScope scope = {protocol.namespace_path,
                    {"Actor",
                     "ActorDestroy",
                     "BindManaged",
                     "Drained",
                     "Ending",
                     "ManagedActors",
                     "ManagedActorsOf",
                     "Manager",
                     "ManagerActor",
                     "OpenManaged",
                     "Place",
                     "SendConstructor",
                     "SendDelete",
                     "actor_id",
                     "send_error_detail",
                     "side",
                     "statistics",
                     "AllocShmem",
                     "AllocUnsafeShmem",
                     "AsyncFreeze",
                     "CanSend",
                     "Close",
                     "DeallocShmem",
                     "Dispatch",
                     "Freeze",
                     "NoChannel",
                     "OnHandlerError",
                     "OnResponsive",
                     "OnUnresponsive",
                     "PeerFault",
                     "SendMessage",
                     "close_detail",
                     "close_error",
                     "kProtocol",
                     "peer_identity",
                     "kSide",
                     "kToChild",
                     "kToParent",
                     "enable_shared_from_this",
                     "shared_from_this",
                     "traffic",
                     "trust_label",
                     "weak_from_this"}};
  for (const Message& message : protocol.messages) {
    for (const std::string_view prefix : {"k", "Send", "Recv"}) {
      scope.hidden.insert(std::string(prefix) + message.name);
    }
    if (!message.returns) continue;
    for (const std::string_view suffix : {"Reply", "Replier"}) {
      scope.hidden.insert(message.name + std::string(suffix));
    }
    if (message.fails) scope.hidden.insert(message.name + "Answer");
  }
  return scope;
}

std::string CppNamespace(const std::vector<std::string>& path) {
  std::string joined;
  for (const std::string& part : path) {
    if (!joined.empty()) joined += "::";
    joined += part;
  }
  return joined;
}

std::string_view NameOf(Side side) {
  return side == Side::kParent ? "Parent" : "Child";
}

std::string CppTypes::Name(const Type& type) const {
  const auto wrapped = [&](std::string_view name, const Type& inner) {
    return std::string(name) + "<" + Name(inner) + ">";
  };
  return std::visit(
      Overloaded{
          [](ErrorType) { return std::string("void"); },
          [](Scalar scalar) { return std::string(NamesOf(scalar).cpp); },
          [](StringType) { return std::string("std::string"); },
          [](BytesType) { return std::string("std::vector<std::byte>"); },
          [&](const MemoryType& memory) {
            if (memory.element) return wrapped("baton::TypedShmem", *memory.element);
            return "baton::" + std::string(batonc::NameOf(memory.kind));
          },
          [](SliceType) { return std::string("baton::ShmemSlice"); },
          [](FileDescriptorType) { return std::string("baton::FileDescriptor"); },
          [&](EnumId id) { return NameOfHead(model_.enumeration(id)); },
          [&](StructId id) { return NameOfHead(model_.structure(id)); },
          [&](UnionId id) { return NameOfHead(model_.union_of(id)); },
          [&](const ExternalType& external) { return NameOfExternal(external); },
          [&](ActorType actor) {
            return "baton::ActorValue<" + NameOfClass(actor.protocol, Side::kParent) + ", " +
                   NameOfClass(actor.protocol, Side::kChild) + ">";
          },
          [&](EndpointType endpoint) {
            return std::string(endpoint.is_managed ? "baton::ManagedEndpoint" : "baton::Endpoint") +
                   "<" + NameOfClass(endpoint.protocol, endpoint.side) + ">";
          },
          [&](const ArrayOf& array) { return wrapped("std::vector", *array.element); },
          [&](const FixedArrayOf& array) {
            return "std::array<" + Name(*array.element) + ", " + std::to_string(array.count) + ">";
          },
          [&](const OptionalOf& optional) { return wrapped("std::optional", *optional.value); },
          [&](const UniquePtrTo& pointer) { return wrapped("std::unique_ptr", *pointer.value); },
          [&](const MapOf& map) {
            return "std::map<" + Name(*map.key) + ", " + Name(*map.value) + ">";
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
  // What never gets here: there is no such thing in a model without errors.
  const auto nothing = [] { return std::string("void"); };
  return std::visit(
      Overloaded{
          [&](ErrorType) { return nothing(); },
          [](Scalar scalar) { return Wire(NamesOf(scalar).wire); },
          [](StringType) { return Wire("kString"); }, [](BytesType) { return Wire("kBytes"); },
          [&](const MemoryType& memory) {
            if (memory.element) return Wire("kTypedShmemOf") + "<" + Name(*memory.element) + ">";
            return Wire("k" + std::string(batonc::NameOf(memory.kind)));
          },
          [&](SliceType) { return Wire("kShmemSlice"); },
          [](FileDescriptorType) { return Wire("kFileDescriptor"); },
          [&](EnumId id) { return named("kEnumOf", model_.enumeration(id)); },
          [&](StructId id) { return named("kStructOf", model_.structure(id)); },
          [&](UnionId id) { return named("kUnionOf", model_.union_of(id)); },
          [&](const ExternalType& external) {
            const std::string name = Name(type);
            const std::string never_null = Wire("kCustomOf") + "<" + name + ">";
            if (!external.is_nullable) return never_null;
            return Wire("kNullableOf") + "<" + name + ", " + never_null + ">";
          },
          [&](ActorType actor) {
            const std::string never_null = Wire("kActorOf") + "<" + NumberOf(actor.protocol) + ">";
            if (!actor.is_nullable) return never_null;
            return Wire("kNullableOf") + "<std::shared_ptr<baton::Actor>, " + never_null + ">";
          },
          [&](EndpointType endpoint) {
            if (endpoint.is_managed) {
              return Wire("kManagedEndpointOf") + "<" + NumberOf(endpoint.protocol) + ">";
            }
            return Wire("kEndpointOf") + "<" + NumberOfClass(endpoint.protocol, endpoint.side) +
                   ">";
          },
          [&](const ArrayOf& array) { return wrapper("kArrayOf", *array.element); },
          [&](const FixedArrayOf& array) {
            return Wire("kFixedArrayOf") + "<" + Name(*array.element) + ", " +
                   std::to_string(array.count) + ", " + WireType(*array.element) + ">";
          },
          [&](const OptionalOf& optional) { return wrapper("kOptionalOf", *optional.value); },
          [&](const UniquePtrTo& pointer) { return wrapper("kUniquePtrOf", *pointer.value); },
          [&](const MapOf& map) {
            return Wire("kMapOf") + "<" + Name(*map.key) + ", " + Name(*map.value) + ", " +
                   WireType(*map.key) + ", " + WireType(*map.value) + ">";
          }},
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

std::string CppTypes::Literal(const Type& type, const Value& value) const {
  if (const auto* enumerator = std::get_if<EnumeratorRef>(&value)) {
    const Enum& declaration = model_.enumeration(enumerator->enumeration);
    return NameOfHead(declaration) + "::" + declaration.enumerators[enumerator->index].name;
  }
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  return CppLiteral(value, scalar == nullptr ? std::nullopt : std::optional(*scalar));
}

std::string CppTypes::ParameterName(const Type& type, Side side) const {
  const auto* actor = std::get_if<ActorType>(&type.kind);
  if (actor == nullptr) return Name(type);
  return "std::shared_ptr<" + NameOfClass(actor->protocol, side) + ">";
}

std::string CppTypes::Sent(const Type& type, const std::string& name, Side side) const {
  const std::string type_name = ParameterName(type, side);
  if (IsPlain(type)) return type_name + " " + name;
  if (TraitsOf(model_, type).is_sent_once) return type_name + "&& " + name;
  return "const " + type_name + "& " + name;
}

std::string CppTypes::NameOfHead(const DeclarationHead& head) const {
  const bool visible =
      head.namespace_path == scope_.namespace_path && !scope_.hidden.contains(head.name);
  return visible ? head.name : "::" + FullName(head);
}

std::string CppTypes::NameOfClass(ProtocolId id, Side side) const {
  return NameOfHead(model_.protocol(id)) + std::string(batonc::NameOf(side));
}

std::string CppTypes::NumberOf(ProtocolId id) const {
  return NumberOfName(FullName(model_.protocol(id)));
}

std::string CppTypes::NumberOfClass(ProtocolId id, Side side) const {
  return NumberOfName(FullName(model_.protocol(id)) + std::string(batonc::NameOf(side)));
}

std::string CppTypes::NameOfExternal(const ExternalType& type) const {
  const External& external = model_.external(type.id);
  const std::string& name = external.qualified_name;
  const bool rooted = name.starts_with("::") || IsWordOfCpp(name);
  const std::string full = (rooted ? "" : "::") + name;
  return external.is_ref_counted ? "std::shared_ptr<" + full + ">" : full;
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
