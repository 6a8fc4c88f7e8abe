// The enums, structs and unions that something is made of, each once and behind all that it is made
// of itself; so each can be declared in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "compiler/check/graph.h"
#include "compiler/check/model.h"

namespace batonc {

using NamedType = std::variant<EnumId, StructId, UnionId>;

const DeclarationHead& HeadOf(const Model& model, NamedType type);

// A named type in `type`, below its wrappers. Whoever is `held` must be complete before what holds
// it; behind a pointer, or in an array, it need not be.
struct Mention {
  NamedType type;
  bool held = true;
};

// Calls `visit(const Mention&)` for each; a map may have two.
template <class Visitor>
void ForEachMention(const Type& type, const Visitor& visit, bool held = true) {
  const auto name = [&](NamedType named) { visit(Mention{named, held}); };
  std::visit(
      Overloaded{[&](EnumId id) { name(id); }, [&](StructId id) { name(id); },
                 [&](UnionId id) { name(id); },
                 [&](const MemoryType& memory) {
                   if (memory.element) ForEachMention(*memory.element, visit, held);
                 },
                 [&](const ArrayOf& array) { ForEachMention(*array.element, visit, false); },
                 [&](const FixedArrayOf& array) { ForEachMention(*array.element, visit, held); },
                 [&](const OptionalOf& optional) { ForEachMention(*optional.value, visit, held); },
                 [&](const UniquePtrTo& pointer) { ForEachMention(*pointer.value, visit, false); },
                 [&](const MapOf& map) {
                   ForEachMention(*map.key, visit, held);
                   ForEachMention(*map.value, visit, held);
                 },
                 [](const auto&) {}},
      type.kind);
}

// True if `type` is or wraps something of which `matches(kind of type)` is true; `matches` takes
// every alternative of Type::kind. Does not look into structs and unions.
template <class Matches>
bool Contains(const Type& type, const Matches& matches) {
  const auto inside = [&](const Type& inner) { return Contains(inner, matches); };
  return std::visit(
      Overloaded{
          [&](const ArrayOf& array) { return matches(array) || inside(*array.element); },
          [&](const FixedArrayOf& array) { return matches(array) || inside(*array.element); },
          [&](const OptionalOf& optional) { return matches(optional) || inside(*optional.value); },
          [&](const UniquePtrTo& pointer) { return matches(pointer) || inside(*pointer.value); },
          [&](const MapOf& map) { return matches(map) || inside(*map.key) || inside(*map.value); },
          [&](const auto& kind) { return matches(kind); }},
      type.kind);
}

// True for what travels as a BatonShmem, a slice among it, however wrapped.
bool IsMemory(const Type& type);

// True for what travels as a BatonShmemSlice, however wrapped.
bool IsSlice(const Type& type);

// True for what travels as a BatonEndpoint, however wrapped.
bool IsEndpoint(const Type& type);

// What is added first comes first. Takes linear time, and no stack.
class Reach {
 public:
  // Types that `wanted` refuses are left out, with all that only they reach. With a `version` only
  // fields that exist in it count.
  explicit Reach(const Model& model, std::function<bool(NamedType)> wanted = {},
                 std::optional<std::uint32_t> version = {})
      : model_(model), wanted_(std::move(wanted)), version_(version) {}

  void Add(const Type& type);
  void Add(const std::vector<Field>& fields);
  void Add(const Message& message);
  void Add(NamedType type);

  struct Found {
    NamedType type;
    bool leads_back = false;  // it is part of itself, in an array or behind a pointer
    bool in_circle = false;   // so with others between
  };
  // In order of first use, but what something is made of comes before it.
  std::vector<Found> Types() const;

  // Shmem, UnsafeShmem or ShmemSlice was met.
  bool has_memory() const { return has_memory_; }
  // ShmemSlice was met.
  bool has_slices() const { return has_slices_; }
  // An Endpoint of a channel of its own was met.
  bool has_endpoints() const { return has_endpoints_; }

 private:
  void NoteReferences(const Type& type);
  std::size_t IndexOf(NamedType type);
  void AddPart(std::size_t whole, const Type& type, bool boxed = false);
  void AddParts(std::size_t index);
  void AppendCircle(const std::vector<std::size_t>& members, std::vector<Found>& types) const;

  const Model& model_;
  std::function<bool(NamedType)> wanted_;
  std::optional<std::uint32_t> version_;
  std::vector<NamedType> found_;
  std::unordered_map<std::uint64_t, std::size_t> indices_;
  Graph parts_;  // by index into `found_`
  Graph held_;   // of them those that are held
  bool has_memory_ = false;
  bool has_slices_ = false;
  bool has_endpoints_ = false;
};

// True when it is there in `version` of the protocol.
inline bool ExistsIn(std::uint32_t version, const Lifetime& lifetime) {
  return lifetime.since <= version && (lifetime.removed == 0 || version < lifetime.removed);
}

}  // namespace batonc
