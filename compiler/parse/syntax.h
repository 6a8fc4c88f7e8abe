// What a file says, before anything is known about what its names mean.
//
// Namespaces are flattened into the declarations: each knows the names around it.
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

enum class Wrapper : std::uint8_t { kArray, kOptional };

struct TypeSyntax {
  std::string name;  // empty: not understood, and reported
  Span name_span;
  std::vector<Wrapper> wrappers;  // innermost first
  Span span;                      // wrappers included
};

struct NumberSyntax {
  bool negative = false;
  std::uint64_t magnitude = 0;
  bool is_known = true;  // false: the lexer has complained about it
  Span span;
};

struct EnumeratorSyntax {
  Doc doc;
  Name name;
  std::optional<NumberSyntax> value;
};

struct FieldSyntax {
  Doc doc;
  TypeSyntax type;
  Name name;
};

struct MessageSyntax {
  Doc doc;
  std::optional<Direction> direction;  // absent: no label before it
  Name name;
  std::vector<FieldSyntax> parameters;
  std::optional<std::vector<FieldSyntax>> returns;
};

struct EnumSyntax {
  std::optional<TypeSyntax> underlying;
  std::vector<EnumeratorSyntax> enumerators;
  bool is_damaged = false;  // something in the body was not understood
};

struct StructSyntax {
  std::vector<FieldSyntax> fields;
};

struct ProtocolSyntax {
  std::vector<MessageSyntax> messages;
};

// A union, a `using`: reported, but its name is known, so that nobody stumbles over it again.
struct UnsupportedSyntax {};

struct DeclarationSyntax {
  Doc doc;
  std::vector<Name> namespace_path;
  Name name;
  std::variant<EnumSyntax, StructSyntax, ProtocolSyntax, UnsupportedSyntax> what;
};

struct IncludeSyntax {
  enum class Kind : std::uint8_t {
    kHeader,    // include NAME;           NAME.idlh
    kProtocol,  // include protocol NAME;  NAME.idl, of which only the protocols come in
    kPath,      // include "path.idl";
  };
  Kind kind = Kind::kHeader;
  std::string path;              // with its ending, as it will be looked for
  Span span;                     // of the name or the string
  std::optional<FileId> target;  // filled in by Load; absent: not found, and reported
};

struct SyntaxTree {
  FileId file{};
  std::vector<IncludeSyntax> includes;
  std::vector<DeclarationSyntax> declarations;
};

}  // namespace batonc
