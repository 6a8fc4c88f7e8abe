// Everything that is true about the protocols of a run once they are checked.
//
// Later stages see this and nothing else: no syntax, no unresolved name. All names have been found
// harmless in C++ and in FlatBuffers (in .ipdl files there may have been warnings instead); what is
// generated from them cannot clash with what else is generated (check/reserved_names.h says what is
// kept free for that).
//
//   const File& file = model.file(id);
//   for (const Declaration& declaration : file.declarations) {      // in source order
//     std::visit(Overloaded{[&](EnumId id) { ... model.enumeration(id) ... },
//                           [&](StructId id) { ... model.structure(id) ... }, ...},
//                declaration);
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/source_file.h"

namespace batonc {

enum class EnumId : std::uint32_t {};
enum class StructId : std::uint32_t {};
enum class UnionId : std::uint32_t {};
enum class ProtocolId : std::uint32_t {};
enum class ExternalId : std::uint32_t {};
enum class ConstantId : std::uint32_t {};

// std::visit(Overloaded{[](A) {...}, [](B) {...}}, variant)
template <class... Callables>
struct Overloaded : Callables... {
  using Callables::operator()...;
};
template <class... Callables>
Overloaded(Callables...) -> Overloaded<Callables...>;  // clang 14 does not see it by itself

enum class Side : std::uint8_t { kParent, kChild };

// --- types -------------------------------------------------------------------------------------

struct Type;

// Stands for a type that could not be resolved; a problem has been reported, so no pass says
// another word about it. Never in a model without errors.
struct ErrorType {
  bool operator==(const ErrorType&) const = default;
};

enum class Scalar : std::uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
};

// Checked UTF-8.
struct StringType {
  bool operator==(const StringType&) const = default;
};

// Any bytes; ByteBuf is another name for it.
struct BytesType {
  bool operator==(const BytesType&) const = default;
};

// Shared memory. The kind says who may touch it; a Shmem can be sent once.
enum class MemoryKind : std::uint8_t { kShmem, kUnsafeShmem, kFrozenShmem };

struct MemoryType {
  MemoryKind kind = MemoryKind::kShmem;
  std::shared_ptr<const Type> element;  // Shmem<float>; null without one. A scalar or an enum
};

// A Shmem of which a range of bytes is meant; it travels as a whole, and can be sent once.
struct SliceType {
  bool operator==(const SliceType&) const = default;
};

// A handle of the operating system; the sender keeps its own.
struct FileDescriptorType {
  bool operator==(const FileDescriptorType&) const = default;
};

// A C++ type from a `using`.
struct ExternalType {
  ExternalId id{};
  bool is_nullable = false;  // only of a RefCounted one
  bool operator==(const ExternalType&) const = default;
};

// A managed actor of this tree; arrives as the other side's class.
struct ActorType {
  ProtocolId protocol{};
  bool is_nullable = false;
  bool operator==(const ActorType&) const = default;
};

// Endpoint<PFooParent>, ManagedEndpoint<PFooParent>: one end of a new channel, or of a new managed
// actor. Can be sent once.
struct EndpointType {
  ProtocolId protocol{};
  Side side = Side::kParent;
  bool is_managed = false;
  bool operator==(const EndpointType&) const = default;
};

struct ArrayOf {
  std::shared_ptr<const Type> element;  // never null
};

struct FixedArrayOf {
  std::shared_ptr<const Type> element;  // never null
  std::uint32_t count = 0;              // 1 ... kMaxFixedCount
};

struct OptionalOf {
  std::shared_ptr<const Type> value;  // never null
};

// On the heap, and may be null.
struct UniquePtrTo {
  std::shared_ptr<const Type> value;  // never null
};

struct MapOf {
  std::shared_ptr<const Type> key;  // an integer, an enum or a string
  std::shared_ptr<const Type> value;
};

// Nests at most kMaxNesting deep (parse/parser.h): walking it by recursion is safe.
struct Type {
  using Kind = std::variant<ErrorType, Scalar, StringType, BytesType, MemoryType, SliceType,
                            FileDescriptorType, EnumId, StructId, UnionId, ExternalType, ActorType,
                            EndpointType, ArrayOf, FixedArrayOf, OptionalOf, UniquePtrTo, MapOf>;
  Kind kind;
  Span span;  // as written, wrappers included
};

inline constexpr std::uint32_t kMaxFixedCount = 65'536;

// --- values ------------------------------------------------------------------------------------

struct EnumeratorRef {
  EnumId enumeration{};
  std::uint32_t index = 0;  // into Enum::enumerators
  bool operator==(const EnumeratorRef&) const = default;
};

// An integer: `negative` only below zero, so that all of int64 and uint64 fit.
struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
  bool operator==(const Integer&) const = default;
};

using Value = std::variant<bool, Integer, double, std::string, EnumeratorRef>;

// --- declarations ------------------------------------------------------------------------------

// The lines of a `///` comment without the slashes and the one space behind them.
using Doc = std::vector<std::string>;

// What all declarations have in common.
struct DeclarationHead {
  FileId file{};                            // where it is declared, and so where it is generated
  std::vector<std::string> namespace_path;  // outermost first; may be empty
  std::string name;
  Span name_span;
  Doc doc;
};

// A generated table has a hash for each version.
inline constexpr std::uint32_t kMaxVersion = 1000;

// The versions of its protocol in which something exists: [since, removed). Version 1 is the first.
struct Lifetime {
  std::uint32_t since = 1;
  std::uint32_t removed = 0;  // 0: still there
  bool operator==(const Lifetime&) const = default;
};

struct Enumerator {
  std::string name;
  std::int64_t value = 0;  // fits the underlying type
  Doc doc;
  Span name_span;
  Lifetime lifetime;
};

struct Enum : DeclarationHead {
  Scalar underlying = Scalar::kUint32;  // an integer
  std::vector<Enumerator> enumerators;  // in source order; at least one; names and values differ
  bool is_flags = false;                // [Flags]: any combination of enumerators is a value
  bool is_extensible = false;           // [Extensible]: unknown values are let through
};

// Inclusive limits, checked by the sender and by the reader before the handler runs.
struct Bounds {
  std::optional<Value>
      min;  // Integer or double: of a number's value, of a string's or bytes' length
  std::optional<Value> max;
  std::optional<std::uint64_t> max_count;  // of an array's or a map's elements
  bool empty() const { return !min && !max && !max_count; }
};

enum class NoTaint : std::uint8_t { kNone, kPassback, kAllValid };

// A field of a struct, a parameter of a message, or a part of its reply.
struct Field {
  std::string name;
  Type type;
  Doc doc;
  Span name_span;
  Bounds bounds;
  std::optional<Value> default_value;  // of the field's type; when absent on the wire, and in C++
  Lifetime lifetime;
  NoTaint no_taint = NoTaint::kNone;
};

// What values of a type can be used for. Of a struct or union: of all its parts together.
struct TypeTraits {
  bool is_sent_once = false;  // Shmem, endpoints, [MoveOnly] types: SendX takes T&&
  bool is_copyable = true;    // false: the C++ type can only be moved
  bool is_comparable = true;  // has an operator==
  bool has_actors = false;    // an actor, however deep: its class depends on the side
};

struct Struct : DeclarationHead {
  std::vector<Field> fields;      // may be empty
  bool is_resource = false;       // said so, or in a dialect without the word, found so
  bool wants_comparison = false;  // [Comparable]
  TypeTraits traits;
};

struct UnionMember {
  std::string name;  // flat, as IPDL makes it: "uint32", "ArrayOfRect", "MaybeRect"; differ
  Type type;
  Doc doc;
  bool is_boxed = false;  // contains this union again other than through an array: on the heap
};

struct Union : DeclarationHead {
  std::vector<UnionMember> members;  // 1 to 254
  bool is_resource = false;
  bool wants_comparison = false;
  TypeTraits traits;
};

enum class MoveOnly : std::uint8_t { kNo, kData, kSend, kBoth };

// A C++ type that plugs in by baton::wire::Codec<T>.
struct External : DeclarationHead {
  std::string qualified_name;  // "a::b::Name"
  std::string header;
  enum class Keyword : std::uint8_t { kNone, kClass, kStruct } keyword = Keyword::kNone;
  bool is_ref_counted = false;
  MoveOnly move_only = MoveOnly::kNo;
};

struct Constant : DeclarationHead {
  Type type;  // Scalar, string or enum
  Value value;
};

// --- protocols -----------------------------------------------------------------------------------

enum class Direction : std::uint8_t { kToParent, kToChild, kBoth };
enum class Nesting : std::uint8_t { kNot, kInsideSync, kInsideCpow };
enum class Compress : std::uint8_t { kNo, kAdjacent, kAll };
enum class Priority : std::uint8_t { kNormal, kInput, kVsync, kMediumHigh, kControl };

struct Message {
  std::string name;                            // of a constructor: the managed protocol's, "PFoo"
  Direction direction = Direction::kToParent;  // who receives it
  std::vector<Field> parameters;
  // Absent: nobody answers. Present and empty: `returns ()`, an answer without a value.
  std::optional<std::vector<Field>> returns;
  std::optional<Type> fails;  // an enum, struct, union: what an answer may be instead of `returns`
  std::uint32_t id = 0;  // permanent, see docs/wire-format.md section 4; unique in its protocol
  Doc doc;
  Span name_span;
  Span type_span;  // from `async` or `sync` to the end

  bool is_sync = false;
  std::optional<ProtocolId> constructs;  // a constructor of this managed protocol
  bool is_destructor = false;            // `__delete__`
  Nesting nesting = Nesting::kNot;
  Compress compress = Compress::kNo;
  Priority priority = Priority::kNormal;
  std::optional<Priority> reply_priority;  // absent: as `priority`
  bool is_lazy = false;
  bool is_tainted = false;  // to each receiver in question; from [Tainted] or [Trusts]
  bool has_virtual_send = false;
  std::optional<std::uint64_t> deadline_us;  // [Deadline], microseconds
  std::string because;                       // [Because] of a sync message
  Lifetime lifetime;
};

struct Protocol : DeclarationHead {
  std::vector<Message> messages;  // in source order
  bool is_sync = false;
  std::vector<ProtocolId> managers;  // empty: top-level
  std::vector<ProtocolId> manages;
  Nesting nested_up_to = Nesting::kNot;
  std::string parent_process;  // "Parent", "any", ...; empty: not said
  std::string child_process;
  std::string parent_class;  // [ParentImpl]: "virtual", a class, or empty
  std::string child_class;
  bool needs_other_pid = false;
  bool is_manually_deallocated = false;
  std::optional<Side> trusts;  // [Trusts=parent]: what comes from the other side is tainted
  std::uint32_t version = 1;   // the largest since or removed of all that it reaches
  bool is_top_level() const { return managers.empty(); }
};

using Declaration = std::variant<EnumId, StructId, UnionId, ProtocolId, ExternalId, ConstantId>;

// --- files
// -----------------------------------------------------------------------------------------

// Which rules a file follows; its ending says so.
enum class Dialect : std::uint8_t {
  kBaton,  // .idl, .idlh
  kIpdl,   // .ipdl, .ipdlh: IPDL to the letter
};

struct File {
  FileId id{};
  Dialect dialect = Dialect::kBaton;
  bool is_prelude = false;
  std::string path;    // as given on the command line, or as an include found it
  std::string output;  // where its output goes below DIR, without an ending: "media/camera"
  std::string stem;    // the last part of that: "camera"
  std::vector<FileId> includes;           // named by this file itself, in order, each once
  std::vector<std::string> cpp_headers;   // `include "header.h"`, in order
  std::vector<Declaration> declarations;  // declared by this file itself, in source order
};

// Declarations of included files are in the model as well; `DeclarationHead::file` tells them
// apart.
class Model {
 public:
  std::vector<File> files;  // by FileId; complete
  std::vector<Enum> enums;
  std::vector<Struct> structs;
  std::vector<Union> unions;
  std::vector<Protocol> protocols;
  std::vector<External> externals;
  std::vector<Constant> constants;

  const File& file(FileId id) const { return files[static_cast<std::size_t>(id)]; }
  const Enum& enumeration(EnumId id) const { return enums[static_cast<std::size_t>(id)]; }
  const Struct& structure(StructId id) const { return structs[static_cast<std::size_t>(id)]; }
  const Union& union_of(UnionId id) const { return unions[static_cast<std::size_t>(id)]; }
  const Protocol& protocol(ProtocolId id) const { return protocols[static_cast<std::size_t>(id)]; }
  const External& external(ExternalId id) const { return externals[static_cast<std::size_t>(id)]; }
  const Constant& constant(ConstantId id) const { return constants[static_cast<std::size_t>(id)]; }
};

// Of any type; of a struct or union what the checker found.
TypeTraits TraitsOf(const Model& model, const Type& type);

// True for what can be sent once, however deep: such a value can only be moved.
inline bool CarriesMemory(const Model& model, const Type& type) {
  return TraitsOf(model, type).is_sent_once;
}

// "media::PCamera"
std::string FullName(const DeclarationHead& head);

}  // namespace batonc
