// Everything that is true about the protocols of a run once they are checked.
//
// Later stages see this and nothing else: no syntax, no unresolved name. All names have been found
// harmless in C++ and in FlatBuffers; what is generated from them cannot clash with what else is
// generated (check/reserved_names.h says what is kept free for that).
//
//   const File& file = model.file(id);
//   for (const Declaration& declaration : file.declarations) {      // in source order
//     std::visit(Overloaded{[&](EnumId id) { ... model.enumeration(id) ... },
//                           [&](StructId id) { ... model.structure(id) ... },
//                           [&](ProtocolId id) { ... model.protocol(id) ... }},
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
enum class ProtocolId : std::uint32_t {};

// std::visit(Overloaded{[](A) {...}, [](B) {...}}, variant)
template <class... Callables>
struct Overloaded : Callables... {
  using Callables::operator()...;
};
template <class... Callables>
Overloaded(Callables...) -> Overloaded<Callables...>;  // clang 14 does not see it by itself

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

// Any bytes.
struct BytesType {
  bool operator==(const BytesType&) const = default;
};

// Shared memory: can be sent once, so whatever contains it can only be moved.
enum class MemoryKind : std::uint8_t { kShmem, kUnsafeShmem };

struct ArrayOf {
  std::shared_ptr<const Type> element;  // never null
};

struct OptionalOf {
  std::shared_ptr<const Type> value;  // never null
};

// Nests at most kMaxNesting deep (parse/parser.h): walking it by recursion is safe.
struct Type {
  std::variant<ErrorType, Scalar, StringType, BytesType, MemoryKind, EnumId, StructId, ArrayOf,
               OptionalOf>
      kind;
  Span span;  // as written, wrappers included
};

// --- declarations ------------------------------------------------------------------------------

// The lines of a `///` comment without the slashes and the one space behind them.
using Doc = std::vector<std::string>;

// What enums, structs and protocols have in common.
struct DeclarationHead {
  FileId file{};                            // where it is declared, and so where it is generated
  std::vector<std::string> namespace_path;  // outermost first; may be empty
  std::string name;
  Span name_span;
  Doc doc;
};

struct Enumerator {
  std::string name;
  std::int64_t value = 0;  // fits the underlying type
  Doc doc;
  Span name_span;
};

struct Enum : DeclarationHead {
  Scalar underlying = Scalar::kUint32;  // an integer
  std::vector<Enumerator> enumerators;  // in source order; at least one; names and values differ
};

// A field of a struct, a parameter of a message, or a part of its reply.
struct Field {
  std::string name;
  Type type;
  Doc doc;
  Span name_span;
};

struct Struct : DeclarationHead {
  std::vector<Field> fields;    // may be empty
  bool carries_memory = false;  // has a Shmem or UnsafeShmem, however deep: move-only
};

enum class Direction : std::uint8_t { kToParent, kToChild, kBoth };

struct Message {
  std::string name;
  Direction direction = Direction::kToParent;  // who receives it
  std::vector<Field> parameters;
  // Absent: nobody answers. Present and empty: `returns ()`, an answer without a value.
  std::optional<std::vector<Field>> returns;
  std::uint32_t id = 0;  // permanent, see docs/wire-format.md section 4; unique in its protocol
  Doc doc;
  Span name_span;
};

struct Protocol : DeclarationHead {
  std::vector<Message> messages;  // in source order
};

using Declaration = std::variant<EnumId, StructId, ProtocolId>;

// --- files -------------------------------------------------------------------------------------

struct File {
  FileId id{};
  std::string path;    // as given on the command line, or as an include found it
  std::string output;  // where its output goes below DIR, without an ending: "media/camera"
  std::string stem;    // the last part of that: "camera"
  std::vector<FileId> includes;           // named by this file itself, in order, each once
  std::vector<Declaration> declarations;  // declared by this file itself, in source order
};

// Declarations of included files are in the model as well; `DeclarationHead::file` tells them
// apart.
class Model {
 public:
  std::vector<File> files;  // by FileId; complete
  std::vector<Enum> enums;
  std::vector<Struct> structs;
  std::vector<Protocol> protocols;

  const File& file(FileId id) const { return files[static_cast<std::size_t>(id)]; }
  const Enum& enumeration(EnumId id) const { return enums[static_cast<std::size_t>(id)]; }
  const Struct& structure(StructId id) const { return structs[static_cast<std::size_t>(id)]; }
  const Protocol& protocol(ProtocolId id) const { return protocols[static_cast<std::size_t>(id)]; }
};

// True for Shmem, UnsafeShmem and whatever contains one: such a value can only be moved.
bool CarriesMemory(const Model& model, const Type& type);

// "media::PCamera"
std::string FullName(const DeclarationHead& head);

}  // namespace batonc
