// Marshalling is data: what batonc generates per struct and message are constant rows, and one
// interpreter (runtime/wire) encodes and decodes by them. The mapping to FlatBuffers is described
// in docs/wire-format.md.
//
//   Type    how one value travels: a kind, and what it is made of
//   Row     one field: where it lies in memory, its FlatBuffers id, its Type
//   Table   the rows of one struct, or of one message's parameters or reply
//
// The rows of a struct, and of a reply, find a field at `offset` bytes into it (a reply of one
// value is that value itself, at offset 0). The rows of a message's parameters find the n-th value
// through the n-th pointer of an array instead, so that no struct of arguments is built; their
// offsets are 0.
//
// All of it is constant data without owners; any thread may read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace baton::wire {

enum class Kind : std::uint8_t {
  kBool,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kFloat,
  kDouble,
  kEnum,         // Type::enumeration
  kString,       // std::string, UTF-8
  kBytes,        // std::vector<std::byte>
  kStruct,       // Type::table
  kArray,        // std::vector<T>: Type::element, Type::array
  kOptional,     // std::optional<T>: Type::element, Type::optional
  kShmem,        // baton::Shmem
  kUnsafeShmem,  // baton::UnsafeShmem
};

struct Table;
struct Type;

// The enumerators of one enum, ascending, widened to 64 bits (two's complement). The first one
// declared is the default of an absent field.
struct Enumeration {
  const char* name;
  Kind underlying;  // kInt8 ... kUint64
  std::span<const std::int64_t> values;
  std::int64_t default_value;
};

// How to walk a std::vector<T> without knowing T. `load_bool` and `store_bool` are set for
// std::vector<bool> alone, whose elements have no address; `at` and `at_mutable` are null there.
struct ArrayOperations {
  std::size_t (*size)(const void* array);
  void (*resize)(void* array, std::size_t size);
  const void* (*at)(const void* array, std::size_t index);
  void* (*at_mutable)(void* array, std::size_t index);
  bool (*load_bool)(const void* array, std::size_t index);
  void (*store_bool)(void* array, std::size_t index, bool value);
};

// How to look into a std::optional<T> without knowing T.
struct OptionalOperations {
  const void* (*get)(const void* optional);  // null when empty
  void* (*emplace)(void* optional);          // a default-made T
  void (*reset)(void* optional);
};

struct Type {
  Kind kind;
  std::uint32_t size;                            // sizeof the C++ type
  const Enumeration* enumeration = nullptr;      // kEnum
  const Table* table = nullptr;                  // kStruct
  const Type* element = nullptr;                 // kArray, kOptional
  const ArrayOperations* array = nullptr;        // kArray
  const OptionalOperations* optional = nullptr;  // kOptional
};

struct Row {
  const char* name;
  std::uint32_t offset;  // bytes into the struct; 0 in the rows of a message
  std::uint16_t slot;    // the field's FlatBuffers id
  const Type* type;
};

struct Table {
  const char* name;
  std::span<const Row> rows;
};

// One message of a protocol.
struct Message {
  const char* name;  // "PDecoder::Decode"
  std::uint32_t id;  // hash of the full name; the same in both directions
  const Table* parameters;
  const Table* reply;  // null for a message without `returns`
};

// One protocol, the same object for both sides.
struct Protocol {
  const char* name;           // full name, "ns::PDecoder"
  std::uint64_t schema_hash;  // of the protocol's text and all types it reaches
  std::uint32_t version;
  std::span<const Message* const> to_parent;
  std::span<const Message* const> to_child;
};

// --- What generated tables are made of ---------------------------------------------------------

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

}  // namespace baton::wire
