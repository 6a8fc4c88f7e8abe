#include <algorithm>

#include "compiler/diff/comparison.h"

namespace batonc {
namespace {

// One pair of types. Types of one name are compared as declarations, not here.
class TypeComparison {
 public:
  explicit TypeComparison(Comparison& comparison) : comparison_(comparison) {}

  TypeChange Compare(const Type& older, const Type& newer) {
    if (older.kind.index() != newer.kind.index()) return DifferentKinds(older, newer);
    return std::visit(
        [&](const auto& kind) {
          using Kind = std::decay_t<decltype(kind)>;
          return Same(kind, std::get<Kind>(newer.kind));
        },
        older.kind);
  }

 private:
  // An optional and a UniquePtr look the same on the wire.
  TypeChange DifferentKinds(const Type& older, const Type& newer) {
    const Type* before = MaybeNull(older);
    const Type* now = MaybeNull(newer);
    if (before == nullptr || now == nullptr) return TypeChange::kWire;
    return std::max(TypeChange::kSource, Compare(*before, *now));
  }

  static const Type* MaybeNull(const Type& type) {
    if (const auto* optional = std::get_if<OptionalOf>(&type.kind)) return optional->value.get();
    if (const auto* pointer = std::get_if<UniquePtrTo>(&type.kind)) return pointer->value.get();
    return nullptr;
  }

  TypeChange Same(const ErrorType&, const ErrorType&) { return TypeChange::kNone; }
  TypeChange Same(Scalar older, Scalar newer) { return Equal(older == newer); }
  TypeChange Same(StringType, StringType) { return TypeChange::kNone; }
  TypeChange Same(BytesType, BytesType) { return TypeChange::kNone; }
  TypeChange Same(SliceType, SliceType) { return TypeChange::kNone; }
  TypeChange Same(FileDescriptorType, FileDescriptorType) { return TypeChange::kNone; }
  TypeChange Same(const MemoryType& older, const MemoryType& newer) {
    if (older.kind != newer.kind) return TypeChange::kWire;
    if (!older.element && !newer.element) return TypeChange::kNone;
    // What the memory holds is not on the wire, but another reading of it is no better.
    if (older.element && newer.element) return Compare(*older.element, *newer.element);
    return TypeChange::kSource;
  }
  TypeChange Same(EnumId older, EnumId newer) {
    return Named(comparison_.older.enumeration(older), comparison_.newer.enumeration(newer),
                 [&] { comparison_.renamed_enums.emplace(older, newer); });
  }
  TypeChange Same(StructId older, StructId newer) {
    return Named(comparison_.older.structure(older), comparison_.newer.structure(newer),
                 [&] { comparison_.renamed_structs.emplace(older, newer); });
  }
  TypeChange Same(UnionId older, UnionId newer) {
    return Named(comparison_.older.union_of(older), comparison_.newer.union_of(newer),
                 [&] { comparison_.renamed_unions.emplace(older, newer); });
  }
  // What their codecs write is not known; another type is taken for another codec.
  TypeChange Same(ExternalType older, ExternalType newer) {
    const External& before = comparison_.older.external(older.id);
    const External& now = comparison_.newer.external(newer.id);
    return Equal(before.qualified_name == now.qualified_name &&
                 older.is_nullable == newer.is_nullable);
  }
  TypeChange Same(ActorType older, ActorType newer) {
    return Equal(SameProtocol(older.protocol, newer.protocol) &&
                 older.is_nullable == newer.is_nullable);
  }
  TypeChange Same(EndpointType older, EndpointType newer) {
    return Equal(SameProtocol(older.protocol, newer.protocol) && older.side == newer.side &&
                 older.is_managed == newer.is_managed);
  }
  TypeChange Same(const ArrayOf& older, const ArrayOf& newer) {
    return Compare(*older.element, *newer.element);
  }
  TypeChange Same(const FixedArrayOf& older, const FixedArrayOf& newer) {
    return std::max(Equal(older.count == newer.count), Compare(*older.element, *newer.element));
  }
  TypeChange Same(const OptionalOf& older, const OptionalOf& newer) {
    return Compare(*older.value, *newer.value);
  }
  TypeChange Same(const UniquePtrTo& older, const UniquePtrTo& newer) {
    return Compare(*older.value, *newer.value);
  }
  TypeChange Same(const MapOf& older, const MapOf& newer) {
    return std::max(Compare(*older.key, *newer.key), Compare(*older.value, *newer.value));
  }

  static TypeChange Equal(bool same) { return same ? TypeChange::kNone : TypeChange::kWire; }

  bool SameProtocol(ProtocolId older, ProtocolId newer) const {
    return FullName(comparison_.older.protocol(older)) ==
           FullName(comparison_.newer.protocol(newer));
  }

  // Renamed if the old name is gone and the new one is new.
  template <class Remember>
  TypeChange Named(const DeclarationHead& older, const DeclarationHead& newer, Remember remember) {
    const std::string before = FullName(older);
    const std::string now = FullName(newer);
    if (before == now) return TypeChange::kNone;
    if (!comparison_.gone.contains(before) || !comparison_.added.contains(now)) {
      return TypeChange::kWire;
    }
    remember();
    return TypeChange::kSource;
  }

  Comparison& comparison_;
};

}  // namespace

TypeChange CompareTypes(Comparison& comparison, const Type& older, const Type& newer) {
  return TypeComparison(comparison).Compare(older, newer);
}

}  // namespace batonc
