// What generated tables are made of: a constant Type for every type of the IDL.
//
//   kUint32, kString, kShmem ...       the simple ones
//   kArrayOf<T, Element> ...           those made of others; T is the C++ type, Element its Type
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <baton/wire/codec.h>
#include <baton/wire/rows.h>

namespace baton::wire {

inline constexpr Type kBool = {Kind::kBool, 1};
inline constexpr Type kInt8 = {Kind::kInt8, 1};
inline constexpr Type kUint8 = {Kind::kUint8, 1};
inline constexpr Type kInt16 = {Kind::kInt16, 2};
inline constexpr Type kUint16 = {Kind::kUint16, 2};
inline constexpr Type kInt32 = {Kind::kInt32, 4};
inline constexpr Type kUint32 = {Kind::kUint32, 4};
inline constexpr Type kInt64 = {Kind::kInt64, 8};
inline constexpr Type kUint64 = {Kind::kUint64, 8};
inline constexpr Type kFloat = {Kind::kFloat, 4};
inline constexpr Type kDouble = {Kind::kDouble, 8};
inline constexpr Type kString = {Kind::kString, 0};
inline constexpr Type kBytes = {Kind::kBytes, 0};
inline constexpr Type kShmem = {Kind::kShmem, 0};
inline constexpr Type kUnsafeShmem = {Kind::kUnsafeShmem, 0};
inline constexpr Type kShmemSlice = {Kind::kShmemSlice, 0};
inline constexpr Type kFrozenShmem = {Kind::kFrozenShmem, 0};
inline constexpr Type kFileDescriptor = {Kind::kFileDescriptor, 8};  // or less

// kTypedShmemOf<float>: baton::TypedShmem<float>.
template <class T>
inline constexpr Type kTypedShmemOf = {.kind = Kind::kShmem, .size = 0, .count = sizeof(T)};

// kActorOf<0x1234...>: an actor of the protocol with that id, which is never null.
template <std::uint64_t Id>
inline constexpr Type kActorOf = {
    .kind = Kind::kActor, .size = sizeof(std::shared_ptr<void>), .count = Id};

// kManagedEndpointOf<0x1234...>: a ManagedEndpoint for an actor of the protocol with that id.
template <std::uint64_t Id>
inline constexpr Type kManagedEndpointOf = {
    .kind = Kind::kManagedEndpoint, .size = 24, .count = Id};

// kEndpointOf<0x1234...>: an Endpoint for the class whose name has that ProtocolId.
template <std::uint64_t Id>
inline constexpr Type kEndpointOf = {.kind = Kind::kEndpoint, .size = 64, .count = Id};

// kEnumOf<Status, kStatus>: an enum class by its Enumeration.
template <class E, const Enumeration& Values>
inline constexpr Type kEnumOf = {Kind::kEnum, sizeof(E), &Values};

// kStructOf<Rect, kRect>: a struct by its Table.
template <class S, const Table& Rows>
inline constexpr Type kStructOf = {Kind::kStruct, sizeof(S), nullptr, &Rows};

namespace internal {

template <class T>
constexpr ArrayOperations OperationsOfArray() {
  using Array = std::vector<T>;
  ArrayOperations operations = {
      [](const void* array) { return static_cast<const Array*>(array)->size(); },
      [](void* array, std::size_t size) { static_cast<Array*>(array)->resize(size); },
      nullptr,
      nullptr,
      nullptr,
      nullptr,
      nullptr};
  if constexpr (std::is_same_v<T, bool>) {
    operations.load_bool = [](const void* array, std::size_t index) -> bool {
      return (*static_cast<const Array*>(array))[index];
    };
    operations.store_bool = [](void* array, std::size_t index, bool value) {
      (*static_cast<Array*>(array))[index] = value;
    };
  } else {
    operations.at = [](const void* array, std::size_t index) -> const void* {
      return static_cast<const Array*>(array)->data() + index;
    };
    operations.at_mutable = [](void* array, std::size_t index) -> void* {
      return static_cast<Array*>(array)->data() + index;
    };
  }
  if constexpr ((std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_enum_v<T>) {
    operations.assign = [](void* array, const std::byte* first, std::size_t size) {
      auto& into = *static_cast<Array*>(array);
      if (reinterpret_cast<std::uintptr_t>(first) % alignof(T) == 0) {
        const auto* const begin = reinterpret_cast<const T*>(first);
        into.assign(begin, begin + size);  // unlike resize, without zeros first
        return;
      }
      into.resize(size);
      if (size != 0) std::memcpy(into.data(), first, size * sizeof(T));
    };
  }
  return operations;
}

template <class T>
inline constexpr ArrayOperations kArrayOperations = OperationsOfArray<T>();

template <class T>
inline constexpr OptionalOperations kOptionalOperations = {
    [](const void* optional) -> const void* {
      const auto& value = *static_cast<const std::optional<T>*>(optional);
      return value ? &*value : nullptr;
    },
    [](void* optional) -> void* { return &static_cast<std::optional<T>*>(optional)->emplace(); },
    [](void* optional) { static_cast<std::optional<T>*>(optional)->reset(); }};

template <class T>
inline constexpr OptionalOperations kUniquePtrOperations = {
    [](const void* pointer) -> const void* {
      return static_cast<const std::unique_ptr<T>*>(pointer)->get();
    },
    [](void* pointer) -> void* {
      auto& owner = *static_cast<std::unique_ptr<T>*>(pointer);
      owner = std::make_unique<T>();
      return owner.get();
    },
    [](void* pointer) { static_cast<std::unique_ptr<T>*>(pointer)->reset(); }};

template <class P>
inline constexpr OptionalOperations kNullableOperations = {
    [](const void* pointer) -> const void* {
      return *static_cast<const P*>(pointer) == nullptr ? nullptr : pointer;
    },
    [](void* pointer) { return pointer; },
    [](void* pointer) { *static_cast<P*>(pointer) = nullptr; }};

template <class K, class V>
inline constexpr MapOperations kMapOperations = {
    [](const void* map) { return static_cast<const std::map<K, V>*>(map)->size(); },
    [](const void* map, void* context, bool (*visit)(void*, const void*, const void*)) {
      for (const auto& [key, value] : *static_cast<const std::map<K, V>*>(map)) {
        if (!visit(context, &key, &value)) return;
      }
    },
    [](void* map, void* context, bool (*fill)(void*, void*)) -> void* {
      auto& entries = *static_cast<std::map<K, V>*>(map);
      K key = {};
      if (!fill(context, &key)) return nullptr;
      if (!entries.empty() && !(entries.rbegin()->first < key)) return nullptr;
      return &entries.try_emplace(entries.end(), std::move(key))->second;
    },
    [](void* map) { static_cast<std::map<K, V>*>(map)->clear(); }};

template <class U, std::size_t... I>
constexpr UnionOperations OperationsOfUnion(std::index_sequence<I...>) {
  return {[](const void* value) -> std::size_t { return static_cast<const U*>(value)->index(); },
          [](const void* value) -> const void* {
            const U& from = *static_cast<const U*>(value);
            const void* held = nullptr;
            (void)((from.index() == I && ((held = from.template get_if<I>()), true)) || ...);
            return held;
          },
          [](void* value, std::size_t index) -> void* {
            U& into = *static_cast<U*>(value);
            void* held = nullptr;
            (void)((index == I && ((held = &into.template emplace<I>()), true)) || ...);
            return held;
          },
          U::kBeginsBoxed};
}

template <class V, std::size_t... I>
constexpr UnionOperations OperationsOfVariant(std::index_sequence<I...>) {
  return {[](const void* value) -> std::size_t { return static_cast<const V*>(value)->index(); },
          [](const void* value) -> const void* {
            const V& from = *static_cast<const V*>(value);
            const void* held = nullptr;
            (void)((from.index() == I && ((held = std::get_if<I>(&from)), true)) || ...);
            return held;
          },
          [](void* value, std::size_t index) -> void* {
            V& into = *static_cast<V*>(value);
            void* held = nullptr;
            (void)((index == I && ((held = &into.template emplace<I>()), true)) || ...);
            return held;
          }};
}

}  // namespace internal

// kArrayOf<Rect, kStructOf<Rect, kRect>>: std::vector<Rect>.
template <class T, const Type& Element>
inline constexpr Type kArrayOf = {Kind::kArray, sizeof(std::vector<T>),        nullptr, nullptr,
                                  &Element,     &internal::kArrayOperations<T>};

// kOptionalOf<std::string, kString>: std::optional<std::string>.
template <class T, const Type& Element>
inline constexpr Type kOptionalOf = {
    Kind::kOptional, sizeof(std::optional<T>),         nullptr, nullptr, &Element,
    nullptr,         &internal::kOptionalOperations<T>};

// kFixedArrayOf<float, 16, kFloat>: std::array<float, 16>.
template <class T, std::size_t N, const Type& Element>
inline constexpr Type kFixedArrayOf = {
    .kind = Kind::kFixedArray, .size = sizeof(std::array<T, N>), .element = &Element, .count = N};

// kMapOf<std::string, Rect, kString, kStructOf<Rect, kRect>>: std::map<std::string, Rect>.
template <class K, class V, const Type& KeyType, const Type& ValueType>
inline constexpr Type kMapOf = {.kind = Kind::kMap,
                                .size = sizeof(std::map<K, V>),
                                .element = &ValueType,
                                .key = &KeyType,
                                .map = &internal::kMapOperations<K, V>};

// kUniquePtrOf<Rect, kStructOf<Rect, kRect>>: std::unique_ptr<Rect>.
template <class T, const Type& Element>
inline constexpr Type kUniquePtrOf = {.kind = Kind::kUniquePtr,
                                      .size = sizeof(std::unique_ptr<T>),
                                      .element = &Element,
                                      .optional = &internal::kUniquePtrOperations<T>};

// kNullableOf<std::shared_ptr<Font>, kCustomOf<std::shared_ptr<Font>>>: a pointer that may be null,
// and then is absent.
template <class P, const Type& Element>
inline constexpr Type kNullableOf = {.kind = Kind::kOptional,
                                     .size = sizeof(P),
                                     .element = &Element,
                                     .optional = &internal::kNullableOperations<P>};

// How to look into `U`, a class derived from baton::Union: for the `operations` of its wire::Union.
template <class U>
inline constexpr UnionOperations kUnionOperations =
    internal::OperationsOfUnion<U>(std::make_index_sequence<U::kAlternativeCount>());

// The same for `V`, a std::variant.
template <class V>
inline constexpr UnionOperations kVariantOperations =
    internal::OperationsOfVariant<V>(std::make_index_sequence<std::variant_size_v<V>>());

// kUnionOf<Shape, kShapeAlternatives>: a class derived from baton::Union, or a std::variant, by its
// wire::Union.
template <class U, const Union& Alternatives>
inline constexpr Type kUnionOf = {
    .kind = Kind::kUnion, .size = sizeof(U), .alternatives = &Alternatives};

// kCustomOf<Font>: a C++ type with a Codec; kCustomOf<std::shared_ptr<Font>>: one that is shared,
// and not null.
template <class T>
inline constexpr Type kCustomOf = {
    .kind = Kind::kCustom, .size = sizeof(T), .codec = &internal::kCodecOperations<T>};

}  // namespace baton::wire
