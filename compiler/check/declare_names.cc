#include <algorithm>
#include <filesystem>
#include <utility>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class NameDeclarer {
 public:
  NameDeclarer(const SourceMap& sources, const std::vector<SyntaxTree>& trees, Model& model,
               Diagnostics& diagnostics)
      : sources_(sources), trees_(trees), model_(model), diagnostics_(diagnostics) {}

  Scopes Run() {
    scopes_.own.resize(trees_.size());
    for (const SyntaxTree& tree : trees_) DeclareFile(tree);
    scopes_.visible = scopes_.own;
    for (const SyntaxTree& tree : trees_) IncludeNames(tree);
    for (const SyntaxTree& tree : trees_) CheckOutputs(tree);
    return std::move(scopes_);
  }

 private:
  void DeclareFile(const SyntaxTree& tree);
  void DeclareOne(const DeclarationSyntax& syntax, FileId file);
  void Enter(const DeclarationSyntax& syntax, const Symbol& symbol);
  void IncludeNames(const SyntaxTree& tree);
  void Bring(const IncludeSyntax& include, const std::string& name, const Symbol& symbol,
             SymbolTable& visible);
  void CheckOutputs(const SyntaxTree& tree);

  const SourceMap& sources_;
  const std::vector<SyntaxTree>& trees_;
  Model& model_;
  Diagnostics& diagnostics_;
  Scopes scopes_;
};

DeclarationHead HeadOf(const DeclarationSyntax& syntax) {
  DeclarationHead head;
  head.file = syntax.name.span.file;
  for (const Name& name : syntax.namespace_path) head.namespace_path.push_back(name.text);
  head.name = syntax.name.text;
  head.name_span = syntax.name.span;
  head.doc = syntax.doc;
  return head;
}

template <class Id, class T>
Id Append(std::vector<T>& all, DeclarationHead head) {
  const Id id{static_cast<std::uint32_t>(all.size())};
  static_cast<DeclarationHead&>(all.emplace_back()) = std::move(head);
  return id;
}

void NameDeclarer::DeclareFile(const SyntaxTree& tree) {
  File file;
  file.id = tree.file;
  file.path = sources_.file(tree.file).path();
  file.output = sources_.OutputOf(tree.file);
  file.stem = std::filesystem::path(file.output).filename().string();
  bool is_complete = true;
  for (const IncludeSyntax& include : tree.includes) {
    is_complete = is_complete && include.target.has_value();
    if (!include.target || *include.target == tree.file) continue;
    if (std::ranges::count(file.includes, *include.target) == 0) {
      file.includes.push_back(*include.target);
    }
  }
  scopes_.is_complete.push_back(is_complete);
  model_.files.push_back(std::move(file));
  for (const DeclarationSyntax& syntax : tree.declarations) DeclareOne(syntax, tree.file);
}

void NameDeclarer::DeclareOne(const DeclarationSyntax& syntax, FileId file) {
  if (std::holds_alternative<UnsupportedSyntax>(syntax.what)) {
    return Enter(syntax, {UnsupportedSymbol{}, syntax.name.span});
  }
  const auto add = [&](auto id) {
    model_.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    scopes_.declared.push_back({&syntax, id});
    Enter(syntax, {id, syntax.name.span});
  };
  std::visit(
      Overloaded{
          [&](const EnumSyntax&) { add(Append<EnumId>(model_.enums, HeadOf(syntax))); },
          [&](const StructSyntax&) { add(Append<StructId>(model_.structs, HeadOf(syntax))); },
          [&](const ProtocolSyntax&) { add(Append<ProtocolId>(model_.protocols, HeadOf(syntax))); },
          [](const UnsupportedSyntax&) {}},
      syntax.what);
}

void NameDeclarer::Enter(const DeclarationSyntax& syntax, const Symbol& symbol) {
  SymbolTable& own = scopes_.own[static_cast<std::size_t>(syntax.name.span.file)];
  const auto [entry, is_new] = own.emplace(syntax.name.text, symbol);
  if (is_new) return;
  diagnostics_.Report(kDeclaredTwice, syntax.name.span, syntax.name.text)
      .Because(kFirstDeclaredHere, entry->second.name_span);
}

void NameDeclarer::IncludeNames(const SyntaxTree& tree) {
  SymbolTable& visible = scopes_.visible[static_cast<std::size_t>(tree.file)];
  std::map<FileId, const IncludeSyntax*> seen;
  for (const IncludeSyntax& include : tree.includes) {
    if (!include.target || *include.target == tree.file) continue;
    const auto [first, is_new] = seen.emplace(*include.target, &include);
    if (!is_new && first->second->kind == include.kind) {
      diagnostics_.Report(kIncludedTwice, include.span, include.path)
          .Because(kFirstIncludedHere, first->second->span);
      continue;
    }
    for (const auto& [name, symbol] : scopes_.OwnOf(*include.target)) {
      const bool only_protocols = include.kind == IncludeSyntax::Kind::kProtocol;
      if (only_protocols && !std::holds_alternative<ProtocolId>(symbol.what)) continue;
      Bring(include, name, symbol, visible);
    }
  }
}

void NameDeclarer::Bring(const IncludeSyntax& include, const std::string& name,
                         const Symbol& symbol, SymbolTable& visible) {
  const auto [entry, is_new] = visible.emplace(name, symbol);
  const Span other = entry->second.name_span;
  if (is_new || other == symbol.name_span) return;
  if (other.file == include.span.file) {
    diagnostics_.Report(kDeclaredTwice, other, name).Because(kFirstDeclaredHere, symbol.name_span);
  } else {
    diagnostics_.Report(kIncludesClash, include.span, name)
        .Because(kFirstDeclaredHere, other)
        .Because(kSecondDeclaredHere, symbol.name_span);
  }
}

void NameDeclarer::CheckOutputs(const SyntaxTree& tree) {
  std::map<std::string, FileId> outputs = {{model_.file(tree.file).output, tree.file}};
  for (const IncludeSyntax& include : tree.includes) {
    if (!include.target) continue;
    const File& target = model_.file(*include.target);
    const auto [other, is_new] = outputs.emplace(target.output, target.id);
    if (is_new || other->second == target.id) continue;
    diagnostics_.Report(kOutputsCollide, include.span, target.path,
                        model_.file(other->second).path);
  }
}

}  // namespace

Scopes DeclareNames(const SourceMap& sources, const std::vector<SyntaxTree>& trees, Model& model,
                    Diagnostics& diagnostics) {
  return NameDeclarer(sources, trees, model, diagnostics).Run();
}

}  // namespace batonc
