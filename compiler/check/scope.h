// What the names in one file stand for.
//
// No file has a table of all that it sees: a name leads to its declarations in whatever file, and
// of these a file sees its own and those of the files that it includes. So a header costs the same
// however many files include it.
//
// An include brings in what the included file declares itself, not what that file includes in
// turn: a header is checked on its own and must include what it needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/parse/syntax.h"

namespace batonc {

struct Symbol {
  Declaration what;
  Span name_span;
  const DeclarationSyntax* syntax = nullptr;

  FileId file() const { return name_span.file; }
  bool IsProtocol() const { return std::holds_alternative<ProtocolId>(what); }
};

// A file that another one includes.
struct Import {
  FileId file{};
  bool only_protocols = false;  // `include protocol`, without another include of the same file
  std::uint32_t order = 0;      // among the includes
  Span span;
};

// A declaration of the model and what is written about it.
struct Declared {
  const DeclarationSyntax* syntax;
  Declaration id;
};

class Scopes {
 public:
  explicit Scopes(std::size_t files) : imports_(files), is_complete_(files, true) {}

  // Files by ascending FileId; of one name the first in a file counts. False: it was there before.
  bool Declare(std::string_view name, const Symbol& symbol);
  void Include(FileId file, std::vector<Import> imports, bool is_complete);

  // What `name` means in `file`: its own declaration, else that of an include (the first include
  // that brings one in), else null.
  const Symbol* Find(FileId file, std::string_view name) const;
  // What `file` declares itself.
  const Symbol* FindOwn(FileId file, std::string_view name) const;
  // All declarations of `name`, by FileId.
  const std::vector<Symbol>& All(std::string_view name) const;

  const std::vector<Import>& ImportsOf(FileId file) const {  // by FileId
    return imports_[static_cast<std::size_t>(file)];
  }
  // Null when `includer` does not include the other.
  const Import* ImportOf(FileId includer, FileId included) const;
  // All its includes were found.
  bool IsComplete(FileId file) const { return is_complete_[static_cast<std::size_t>(file)]; }

  std::vector<Declared> declared;  // all that is in the model, by file, in source order

 private:
  std::unordered_map<std::string_view, std::vector<Symbol>> by_name_;  // names live in the trees
  std::vector<std::vector<Import>> imports_;
  std::vector<bool> is_complete_;
};

// True when the include brings the symbol, declared in the included file, into its own file.
inline bool Brings(const Import& import, const Symbol& symbol) {
  return !import.only_protocols || symbol.IsProtocol();
}

// "struct", for messages.
std::string_view KindOf(const Declaration& declaration);

}  // namespace batonc
