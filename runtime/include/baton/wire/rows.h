// Marshalling is data: what batonc generates per struct and message are constant rows, and one
// interpreter (runtime/wire) encodes and decodes by them. The mapping to FlatBuffers is described
// in docs/wire-format.md.
//
//   Type    how one value travels: a kind, and what it is made of
//   Row     one field: where it lies in memory, its FlatBuffers id, its Type
//   Table   the rows of one struct, or of one message's parameters or reply
//
// This header has the words; <baton/wire/table.h>, which generated code includes, also has what
// sentences are made of: kUint32, kArrayOf<...> and their like.
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
#include <span>
#include <vector>

#include <baton/wire/flat_layout.h>

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
  kEnum,             // Type::enumeration
  kString,           // std::string, UTF-8
  kBytes,            // std::vector<std::byte>
  kStruct,           // Type::table
  kArray,            // std::vector<T>: Type::element, Type::array
  kOptional,         // std::optional<T>: Type::element, Type::optional
  kShmem,            // baton::Shmem, or TypedShmem<T>: Type::count is then sizeof(T)
  kUnsafeShmem,      // baton::UnsafeShmem
  kShmemSlice,       // baton::ShmemSlice
  kFrozenShmem,      // baton::FrozenShmem
  kEndpoint,         // baton::Endpoint: Type::count is the number of its class
  kFileDescriptor,   // baton::FileDescriptor
  kActor,            // std::shared_ptr<Actor>, or ActorValue: Type::count is its Protocol::id
  kManagedEndpoint,  // baton::ManagedEndpoint: the same
  kUnion,            // Type::alternatives
  kFixedArray,       // std::array<T, n>: Type::element, Type::count
  kMap,              // std::map<K, V>: Type::key, Type::element, Type::map
  kUniquePtr,        // std::unique_ptr<T>: Type::element, Type::optional; travels as an optional
  kCustom,           // a C++ type with a Codec: Type::codec
};

struct Table;
struct Type;
struct Union;

// The versions of its protocol in which something exists: [since, removed).
struct Lifetime {
  std::uint32_t since = 1;
  std::uint32_t removed = 0;  // 0: still there
};

// The enumerators of one enum, ascending, widened to 64 bits (two's complement). The first one
// declared is the default of an absent field.
struct Enumeration {
  const char* name;
  Kind underlying;  // kInt8 ... kUint64
  std::span<const std::int64_t> values;
  std::int64_t default_value;
  std::span<const char* const> names = {};  // of `values`, in their order
  bool is_flags = false;       // any combination of the bits of `values` is a value, 0 as well
  bool is_extensible = false;  // every number of the underlying type is a value
  std::span<const Lifetime> lifetimes = {};  // of `values`; empty: each is there in every version
};

// How to walk a std::vector<T> without knowing T. `load_bool` and `store_bool` are set for
// std::vector<bool> alone, whose elements have no address; `at` and `at_mutable` are null there.
// `assign` is set for elements that are numbers or enums: it makes the array a copy of `size`
// elements that lie at `first`, at any alignment.
struct ArrayOperations {
  std::size_t (*size)(const void* array);
  void (*resize)(void* array, std::size_t size);
  const void* (*at)(const void* array, std::size_t index);
  void* (*at_mutable)(void* array, std::size_t index);
  bool (*load_bool)(const void* array, std::size_t index);
  void (*store_bool)(void* array, std::size_t index, bool value);
  void (*assign)(void* array, const std::byte* first, std::size_t size);
};

// How to look into a std::optional<T> without knowing T.
struct OptionalOperations {
  const void* (*get)(const void* optional);  // null when empty
  void* (*emplace)(void* optional);          // a default-made T
  void (*reset)(void* optional);
};

// How to walk a std::map<K, V> without knowing K and V.
struct MapOperations {
  std::size_t (*size)(const void* map);
  // Calls `visit(context, key, value)` for each entry, ascending, until it returns false.
  void (*each)(const void* map, void* context,
               bool (*visit)(void* context, const void* key, const void* value));
  // Appends behind all others an entry whose key `fill(context, key)` has made; null when `fill`
  // returned false, or when the key is not larger than the last one. Returns the value,
  // default-made.
  void* (*append)(void* map, void* context, bool (*fill)(void* context, void* key));
  void (*clear)(void* map);
};

// How a generated union says which of its alternatives it holds.
struct UnionOperations {
  std::size_t (*index)(const void* value);
  const void* (*get)(const void* value);  // what it holds, whether boxed or not; null: moved from
  void* (*emplace)(void* value, std::size_t index);  // a default-made alternative
  bool begins_boxed = false;  // a default-made union has its first alternative on the heap
};

struct Alternative {
  const char* name;
  const Type* type;
};

// Not for 255 alternatives or more.
struct Union {
  const char* name;
  std::span<const Alternative> alternatives;
  const UnionOperations* operations;
};

// How a C++ type from a `using` travels: as bytes of its own making (baton/wire/codec.h).
struct CodecOperations {
  bool (*is_null)(const void* value);                               // null: it never is
  bool (*write)(const void* value, std::vector<std::byte>& bytes);  // appends; false: unsendable
  bool (*read)(std::span<const std::byte> bytes, void* value);      // false: no such value
  std::size_t memory;  // bytes of what `read` makes anew beside the value; 0: nothing
};

struct Type {
  Kind kind;
  std::uint32_t size;                            // sizeof the C++ type
  const Enumeration* enumeration = nullptr;      // kEnum
  const Table* table = nullptr;                  // kStruct
  const Type* element = nullptr;                 // kArray, kOptional, kFixedArray, kMap, kUniquePtr
  const ArrayOperations* array = nullptr;        // kArray
  const OptionalOperations* optional = nullptr;  // kOptional, kUniquePtr
  const Type* key = nullptr;                     // kMap
  const MapOperations* map = nullptr;            // kMap
  const Union* alternatives = nullptr;           // kUnion
  const CodecOperations* codec = nullptr;        // kCustom
  // kFixedArray: elements; kShmem: their size; kActor, kManagedEndpoint: a Protocol::id;
  // kEndpoint: ProtocolId of the name of its class, "ns::PFooParent".
  std::uint64_t count = 0;
};

// Inclusive limits of a field. `min` and `max` limit the number itself, or the bytes of a string or
// of bytes; in a field with wrappers, each value inside of them. Numbers are kept as their kind has
// them: signed ones as int64, unsigned ones and lengths as uint64, float and double as double.
union Limit {
  std::int64_t signed_value;
  std::uint64_t unsigned_value;
  double real_value;
};
struct Bounds {
  bool has_min = false;
  bool has_max = false;
  Limit min = {};
  Limit max = {};
  std::uint64_t max_count = ~std::uint64_t{0};  // elements of the outermost array or map
};

// What an absent field holds. Integers, enums and bools widened to 64 bits, float and double in
// `real`, strings in `text`.
struct Default {
  std::int64_t bits = 0;
  double real = 0;
  const char* text = nullptr;
};

struct Row {
  const char* name;
  std::uint32_t offset;  // bytes into the struct; 0 in the rows of a message
  std::uint16_t slot;    // the field's FlatBuffers id
  const Type* type;
  const Bounds* bounds = nullptr;          // null: any value
  const Default* default_value = nullptr;  // null: that of the type
  std::uint32_t since = 1;                 // the protocol's versions in which it exists:
  std::uint32_t removed = 0;               // [since, removed); 0: still there

  // Any value, the type's own default, in every version: what most fields are.
  constexpr bool is_plain() const {
    return bounds == nullptr && default_value == nullptr && since == 1 && removed == 0;
  }
};

namespace internal {

constexpr std::uint8_t ScalarSizeOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt8:
    case Kind::kUint8: return 1;
    case Kind::kInt16:
    case Kind::kUint16: return 2;
    case Kind::kInt32:
    case Kind::kUint32:
    case Kind::kFloat: return 4;
    default: return 8;
  }
}

// Whether some number of an enum, or of an array of them, is no value in some version.
constexpr bool HasLifetimes(const Type& type) {
  if (type.kind == Kind::kArray) return HasLifetimes(*type.element);
  return type.kind == Kind::kEnum && !type.enumeration->lifetimes.empty();
}

// False when the field makes its table one that is not flat. Otherwise its bytes in the table.
constexpr bool DescribeFlatField(const Row& row, FlatAction& action, std::uint8_t& size) {
  const Type& type = *row.type;
  if (row.since != 1 || row.removed != 0) return false;
  size = 4;
  if (HasLifetimes(type)) return false;
  if (type.kind == Kind::kBool) {
    action = FlatAction::kBool;
    size = 1;
  } else if (type.kind <= Kind::kDouble) {
    size = ScalarSizeOf(type.kind);
    action = size == 1   ? FlatAction::kCopy1
             : size == 2 ? FlatAction::kCopy2
             : size == 4 ? FlatAction::kCopy4
                         : FlatAction::kCopy8;
  } else if (type.kind == Kind::kEnum) {
    action = FlatAction::kEnum;
    size = ScalarSizeOf(type.enumeration->underlying);
  } else if (type.kind == Kind::kString) {
    action = FlatAction::kString;
  } else if (type.kind == Kind::kBytes) {
    action = FlatAction::kBytes;
  } else if (type.kind == Kind::kArray && type.array->assign != nullptr) {
    action = FlatAction::kNumbers;
  } else {
    return false;
  }
  return true;
}

constexpr FlatLayout FlatLayoutOf(std::span<const Row> rows) {
  FlatLayout layout;
  std::uint8_t sizes[FlatLayout::kMaxFields] = {};
  if (rows.empty() || rows.size() > FlatLayout::kMaxFields) return layout;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (rows[n].slot != n) return layout;
    if (!DescribeFlatField(rows[n], layout.fields[n].action, sizes[n])) return layout;
    layout.has_bounds = layout.has_bounds || rows[n].bounds != nullptr;
  }
  layout.Place(rows.size(), sizes);
  return layout;
}

}  // namespace internal

struct Table {
  constexpr Table(const char* table_name, std::span<const Row> table_rows)
      : name(table_name), rows(table_rows), flat(internal::FlatLayoutOf(rows)) {
    for (const Row& row : rows) is_plain = is_plain && row.is_plain();
  }

  const char* name;
  std::span<const Row> rows;
  bool is_plain = true;  // all of its rows are
  FlatLayout flat;
};

enum class MessageRole : std::uint8_t {
  kPlain,
  kConstructor,  // to a manager: makes one of its managed actors
  kDestructor,   // `__delete__`: the last message that an actor receives
  kLoan,         // the runtime's own, that asks the peer for memory
};

// Which of two received messages that wait for their handlers is dispatched first: the higher one.
// That is the order of Gecko's tasks, not the one in which IPDL lists the words.
enum class Priority : std::uint8_t { kNormal, kMediumHigh, kInput, kVsync, kControl };
inline constexpr std::size_t kPriorities = 5;

// Which older message that waits a newer one of the same kind takes the place of.
enum class Compress : std::uint8_t {
  kNo,
  kAdjacent,  // the one that was sent right before it
  kAll,       // any
};

// How a message waits, on either side.
struct Queueing {
  Priority priority = Priority::kNormal;
  Priority reply_priority = Priority::kNormal;
  Compress compress = Compress::kNo;
  bool is_lazy = false;  // does not leave by itself at once
};

// One message of a protocol.
struct Message {
  const char* name;  // "PDecoder::Decode"
  std::uint32_t id;  // hash of the full name; the same in both directions
  const Table* parameters;
  const Table* reply;       // null for a message that nobody answers
  std::uint32_t since = 1;  // the protocol's versions in which it exists: [since, removed)
  std::uint32_t removed = 0;
  MessageRole role = MessageRole::kPlain;
  Queueing queueing = {};
  bool is_sync = false;    // its sender waits
  bool is_nested = false;  // a sync one that may be handled while its receiver waits
};

// What a sync message without `returns` is answered with.
inline constexpr Table kNothing = {"Nothing", {}};

// `message`, sync.
constexpr Message Sync(Message message, bool is_nested = false) {
  message.is_sync = true;
  message.is_nested = is_nested;
  return message;
}

// What stands for a protocol where a name is too long: the 64-bit FNV-1a hash of its full name.
constexpr std::uint64_t ProtocolId(const char* full_name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (; *full_name != 0; ++full_name) {
    hash = (hash ^ static_cast<unsigned char>(*full_name)) * 0x00000100000001b3;
  }
  return hash;
}

// Which sides may receive something that is not dispatched in the order in which it was sent.
struct LooksAhead {
  bool parent = false;
  bool child = false;
};

// One protocol, the same object for both sides.
struct Protocol {
  const char* name;           // full name, "ns::PDecoder"
  std::uint64_t schema_hash;  // of the protocol's text and all types it reaches
  std::uint32_t version;
  std::span<const Message* const> to_parent;
  std::span<const Message* const> to_child;
  // Of the versions 1 ... version - 1, so that a newer side knows whether it understands an older
  // one; the schema hash of version n is at n - 1.
  std::span<const std::uint64_t> older_hashes = {};
  LooksAhead looks_ahead = {};  // of this one and of all that it manages
  std::uint64_t id = ProtocolId(name);
};

}  // namespace baton::wire
