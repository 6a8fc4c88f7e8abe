// What the names in one file stand for.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// A declaration that the compiler does not support yet: known by name, and reported.
struct UnsupportedSymbol {};

struct Symbol {
  std::variant<EnumId, StructId, ProtocolId, UnsupportedSymbol> what;
  Span name_span;
};

// By short name: two declarations of one short name cannot be visible in one file, whatever their
// namespaces.
using SymbolTable = std::map<std::string, Symbol, std::less<>>;

// What is declared in each file itself, and where a declaration's syntax is.
struct Declared {
  const DeclarationSyntax* syntax;
  Declaration id;
};

struct Scopes {
  std::vector<SymbolTable> own;      // by FileId
  std::vector<SymbolTable> visible;  // by FileId: its own and what its includes bring in
  std::vector<Declared> declared;    // all that is in the model, by file, in source order
  std::vector<bool> is_complete;     // by FileId: all its includes were found

  const SymbolTable& OwnOf(FileId file) const { return own[static_cast<std::size_t>(file)]; }
  const SymbolTable& VisibleIn(FileId file) const {
    return visible[static_cast<std::size_t>(file)];
  }
  bool IsComplete(FileId file) const { return is_complete[static_cast<std::size_t>(file)]; }
};

}  // namespace batonc
