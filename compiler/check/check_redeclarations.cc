#include <optional>
#include <string>
#include <unordered_map>

#include "compiler/check/attribute_list.h"
#include "compiler/check/builtin_types.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// The value of `MoveOnly`, "" without one; nothing without the attribute.
std::optional<std::string> MoveOnlyOf(const DeclarationSyntax& syntax) {
  const AttributeSyntax* attribute = FindAttribute(syntax.attributes, "MoveOnly");
  if (attribute == nullptr) return std::nullopt;
  const Name* word = attribute->value ? std::get_if<Name>(&*attribute->value) : nullptr;
  return word == nullptr ? "" : word->text;
}

bool AgreeAboutType(const DeclarationSyntax& a, const DeclarationSyntax& b) {
  const bool both_counted = (FindAttribute(a.attributes, "RefCounted") == nullptr) ==
                            (FindAttribute(b.attributes, "RefCounted") == nullptr);
  return both_counted && MoveOnlyOf(a) == MoveOnlyOf(b);
}

class RedeclarationChecker {
 public:
  explicit RedeclarationChecker(CheckContext& context)
      : context_(context), includers_(context.trees.size()) {}

  void Run() {
    for (std::size_t i = 0; i < includers_.size(); ++i) {
      for (const Import& import : context_.scopes.ImportsOf(FileId(i))) {
        includers_[static_cast<std::size_t>(import.file)].push_back(FileId(i));
      }
    }
    for (const Declared& declared : context_.scopes.declared) CheckOne(*declared.syntax);
  }

 private:
  // A name that only one file declares cannot come to another file twice.
  void CheckOne(const DeclarationSyntax& syntax) {
    const std::string& name = syntax.name.text;
    const Symbol& own = *context_.scopes.FindOwn(syntax.name.span.file, name);
    if (own.syntax != &syntax) {
      CheckTwo(own, {own.what, syntax.name.span, &syntax}, kDeclaredTwice, syntax.name.span);
      return;
    }
    CheckBuiltin(syntax);
    const std::vector<Symbol>& all = context_.scopes.All(name);
    if (all.size() > 1 && &all.front() == &own) CheckFiles(all);
  }

  // In our dialect the built-in types give way.
  void CheckBuiltin(const DeclarationSyntax& syntax) {
    const FileId file = syntax.name.span.file;
    const std::string& name = syntax.name.text;
    if (IsPrelude(file) || !context_.IsIpdl(file)) return;
    const bool is_using = std::holds_alternative<UsingSyntax>(syntax.what);
    const bool is_taken = IsBuiltinOfIpdl(name) || (!is_using && IsInPrelude(name));
    if (is_taken) context_.Report(kNameTaken, syntax.name.span, name);
  }

  // Of each file that sees two of them.
  void CheckFiles(const std::vector<Symbol>& all) {
    std::unordered_map<std::uint32_t, const Symbol*> seen;
    for (const Symbol& symbol : all) {
      if (IsPrelude(symbol.file())) continue;
      seen[static_cast<std::uint32_t>(symbol.file())] = &symbol;
    }
    for (const Symbol& symbol : all) {
      if (IsPrelude(symbol.file())) continue;
      for (const FileId includer : includers_[static_cast<std::size_t>(symbol.file())]) {
        const Import& import = *context_.scopes.ImportOf(includer, symbol.file());
        if (!Brings(import, symbol)) continue;
        const auto [first, is_new] = seen.emplace(static_cast<std::uint32_t>(includer), &symbol);
        if (!is_new) CheckIncluder(includer, *first->second, symbol);
      }
    }
  }

  void CheckIncluder(FileId includer, const Symbol& first, const Symbol& second) {
    if (first.file() == includer) {
      CheckTwo(second, first, kDeclaredTwice, first.name_span);
      return;
    }
    const Import& one = *context_.scopes.ImportOf(includer, first.file());
    const Import& other = *context_.scopes.ImportOf(includer, second.file());
    const bool in_order = one.order < other.order;
    CheckTwo(in_order ? first : second, in_order ? second : first, kIncludesClash,
             in_order ? other.span : one.span);
  }

  void CheckTwo(const Symbol& first, const Symbol& second, const Problem<Words>& twice,
                Span where) {
    const std::string& name = second.syntax->name.text;
    const bool same = NameSameCppType(*first.syntax, *second.syntax);
    if (same && AgreeAboutType(*first.syntax, *second.syntax)) return;
    Diagnostic& problem = context_.Report(same ? kUsingDiffers : twice, where, name);
    problem.Because(kFirstDeclaredHere, first.name_span);
    if (second.name_span != where) problem.Because(kSecondDeclaredHere, second.name_span);
  }

  bool IsInPrelude(const std::string& name) const {
    for (const Symbol& symbol : context_.scopes.All(name)) {
      if (IsPrelude(symbol.file())) return true;
    }
    return false;
  }

  bool IsPrelude(FileId file) const { return context_.model.file(file).is_prelude; }

  CheckContext& context_;
  std::vector<std::vector<FileId>> includers_;  // by FileId
};

}  // namespace

void CheckRedeclarations(CheckContext& context) {
  RedeclarationChecker(context).Run();
}

}  // namespace batonc
