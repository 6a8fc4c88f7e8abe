// What a file says, before anything is known about what its names mean.
//
// Namespaces are flattened into the declarations: each knows the names around it. Both dialects
// have the same tree; what a dialect lacks, the parser has refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/source/source_file.h"

namespace batonc {

struct Name {
  std::string text;
  Span span;
};

struct NumberSyntax {
  bool negative = false;
  std::uint64_t magnitude = 0;
  bool is_known = true;  // false: the lexer has complained about it
  Span span;
};

// `0.5`, `1e-3`.
struct RealSyntax {
  double value = 0;
  Span span;
};

// "text"; its content lies between the quotes, there are no escapes.
struct StringSyntax {
  std::string text;
  Span span;
};

// A value: of a constant, of a default, of a bound, of an array's size. A Name is a constant, an
// enumerator, `true` or `false`; one without text was not understood, which has been reported.
struct ValueSyntax {
  std::variant<NumberSyntax, RealSyntax, StringSyntax, Name> what;
  Span span;
};

// --- attributes
// ------------------------------------------------------------------------------------

// `250ms`: a number with a unit stuck to it.
struct DurationSyntax {
  NumberSyntax number;
  std::string unit;
  Span span;
};

struct AttributeSyntax {
  Name name;
  // Behind the `=`; absent without one.
  std::optional<std::variant<Name, StringSyntax, NumberSyntax, RealSyntax, DurationSyntax>> value;
  Span span;  // all of it
};

using Attributes = std::vector<AttributeSyntax>;

// --- types
// -----------------------------------------------------------------------------------------

struct TypeSyntax {
  enum class Form : std::uint8_t {
    kName,        // name, and `inner` has what stands between < and > behind it, if anything
    kArray,       // inner[0] []
    kFixedArray,  // inner[0] [count]
    kOptional,    // inner[0] ?
    kUniquePtr,   // UniquePtr<inner[0]>
    kMap,         // map<inner[0], inner[1]>
  };
  Form form = Form::kName;
  std::string name;  // kName; empty: not understood, and reported
  Span name_span;
  bool is_nullable = false;  // kName: the word `nullable` stands before it
  Span nullable_span;
  std::vector<TypeSyntax> inner;
  std::optional<ValueSyntax> count;  // kFixedArray
  Span span;                         // all of it
};

// --- declarations
// ----------------------------------------------------------------------------------

struct EnumeratorSyntax {
  Doc doc;
  Attributes attributes;
  Name name;
  std::optional<ValueSyntax> value;
};

// A field of a struct, a parameter, a part of a reply.
struct FieldSyntax {
  Doc doc;
  Attributes attributes;
  TypeSyntax type;
  Name name;
  std::optional<ValueSyntax> default_value;
};

struct MessageSyntax {
  Doc doc;
  Attributes attributes;
  std::optional<Direction> direction;  // absent: no label before it
  bool is_sync = false;
  Span word_span;  // of `async` or `sync`; empty where it is missing, which has been reported
  Name name;
  std::vector<FieldSyntax> parameters;
  std::optional<std::vector<FieldSyntax>> returns;
  std::optional<TypeSyntax> fails;
};

struct EnumSyntax {
  std::optional<TypeSyntax> underlying;
  std::vector<EnumeratorSyntax> enumerators;
  bool is_damaged = false;  // something in the body was not understood
};

struct StructSyntax {
  bool is_resource = false;
  std::vector<FieldSyntax> fields;
};

struct UnionMemberSyntax {
  Doc doc;
  TypeSyntax type;
};

struct UnionSyntax {
  bool is_resource = false;
  std::vector<UnionMemberSyntax> members;
};

// `using class a::b::Name from "header.h"`.
struct UsingSyntax {
  enum class Kind : std::uint8_t { kPlain, kClass, kStruct };
  Kind kind = Kind::kPlain;
  std::string qualified_name;  // "a::b::Name" as C++ wants it, template arguments included
  std::string header;
};

struct ConstantSyntax {
  TypeSyntax type;
  ValueSyntax value;
};

struct ProtocolSyntax {
  std::optional<bool> is_sync;  // absent: no word before `protocol`
  Span word_span;
  std::vector<Name> managers;
  std::vector<Name> manages;
  std::vector<MessageSyntax> messages;
};

struct DeclarationSyntax {
  Doc doc;
  Attributes attributes;
  std::vector<Name> namespace_path;
  Name name;  // of a `using`: the short one, "Name" or "Name<Argument>", and its place
  std::variant<EnumSyntax, StructSyntax, UnionSyntax, ProtocolSyntax, UsingSyntax, ConstantSyntax>
      what;
};

// --- files
// -----------------------------------------------------------------------------------------

struct IncludeSyntax {
  enum class Kind : std::uint8_t {
    kHeader,     // include NAME;           NAME.idlh or NAME.ipdlh
    kProtocol,   // include protocol NAME;  NAME.idl or NAME.ipdl, of which only the protocols come
                 // in
    kPath,       // include "path.idl";     ours only
    kCppHeader,  // include "some/header.h";
  };
  Kind kind = Kind::kHeader;
  // With their endings, in the order in which they are looked for; first the includer's own
  // dialect.
  std::vector<std::string> candidates;
  Span span;                     // of the name or the string
  std::optional<FileId> target;  // filled in by Load; absent: not found, and reported
};

// A file whose declarations every other file sees. They give way to any other of the same name.
enum class Prelude : std::uint8_t {
  kNot,
  kGiven,    // asked for with --prelude
  kImplied,  // Gecko's, which nobody asked for: only for IPDL's own dialect
};

struct SyntaxTree {
  FileId file{};
  Dialect dialect = Dialect::kBaton;
  Prelude prelude = Prelude::kNot;  // filled in by Load
  std::vector<IncludeSyntax> includes;
  std::vector<DeclarationSyntax> declarations;
};

}  // namespace batonc
