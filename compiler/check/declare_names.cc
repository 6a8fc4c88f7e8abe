#include <algorithm>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class NameDeclarer {
 public:
  explicit NameDeclarer(CheckContext& context) : context_(context) {}

  void Run() {
    context_.model.files.reserve(context_.trees.size());
    for (const SyntaxTree& tree : context_.trees) DeclareFile(tree);
    for (const SyntaxTree& tree : context_.trees) IncludeFiles(tree);
    for (const SyntaxTree& tree : context_.trees) CheckOutputs(tree);
  }

 private:
  void DeclareFile(const SyntaxTree& tree);
  void DeclareOne(const DeclarationSyntax& syntax, File& file);
  void Enter(const DeclarationSyntax& syntax, Declaration declaration, File& file);
  void IncludeFiles(const SyntaxTree& tree);
  void CheckOutputs(const SyntaxTree& tree);

  CheckContext& context_;
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
Declaration Append(std::vector<T>& all, const DeclarationSyntax& syntax) {
  const Id id{static_cast<std::uint32_t>(all.size())};
  static_cast<DeclarationHead&>(all.emplace_back()) = HeadOf(syntax);
  return id;
}

Declaration AppendTo(Model& model, const DeclarationSyntax& syntax) {
  return std::visit(
      Overloaded{
          [&](const EnumSyntax&) { return Append<EnumId>(model.enums, syntax); },
          [&](const StructSyntax&) { return Append<StructId>(model.structs, syntax); },
          [&](const UnionSyntax&) { return Append<UnionId>(model.unions, syntax); },
          [&](const ProtocolSyntax&) { return Append<ProtocolId>(model.protocols, syntax); },
          [&](const UsingSyntax&) { return Append<ExternalId>(model.externals, syntax); },
          [&](const ConstantSyntax&) { return Append<ConstantId>(model.constants, syntax); }},
      syntax.what);
}

void NameDeclarer::DeclareFile(const SyntaxTree& tree) {
  File file;
  file.id = tree.file;
  file.dialect = tree.dialect;
  file.is_prelude = tree.prelude != Prelude::kNot;
  file.path = context_.sources.file(tree.file).path();
  file.output = context_.sources.OutputOf(tree.file);
  file.stem = std::filesystem::path(file.output).filename().string();
  File& added = context_.model.files.emplace_back(std::move(file));
  for (const DeclarationSyntax& syntax : tree.declarations) DeclareOne(syntax, added);
}

void NameDeclarer::DeclareOne(const DeclarationSyntax& syntax, File& file) {
  const Declaration declaration = AppendTo(context_.model, syntax);
  context_.scopes.declared.push_back({&syntax, declaration});
  Enter(syntax, declaration, file);
}

// The same C++ type named again is not declared again.
void NameDeclarer::Enter(const DeclarationSyntax& syntax, Declaration declaration, File& file) {
  const bool is_new =
      context_.scopes.Declare(syntax.name.text, {declaration, syntax.name.span, &syntax});
  if (!is_new) {
    const Symbol& first = *context_.scopes.FindOwn(file.id, syntax.name.text);
    if (NameSameCppType(syntax, *first.syntax)) return;
  }
  file.declarations.push_back(declaration);
}

// As the include says it, with the ending that was found.
std::string WrittenName(const IncludeSyntax& include, const std::string& path) {
  for (const std::string& candidate : include.candidates) {
    if (path.ends_with(candidate)) return candidate;
  }
  return include.candidates.front();
}

void NameDeclarer::IncludeFiles(const SyntaxTree& tree) {
  File& file = context_.model.files[static_cast<std::size_t>(tree.file)];
  bool is_complete = true;
  std::vector<Import> imports;
  std::unordered_map<std::uint32_t, std::pair<std::size_t, const IncludeSyntax*>> seen;
  for (const IncludeSyntax& include : tree.includes) {
    if (include.kind == IncludeSyntax::Kind::kCppHeader) {
      const std::string& path = include.candidates.front();
      file.cpp_headers.push_back(path);
      // Anything else was refused, and may have been meant to declare something.
      const std::string ending = std::filesystem::path(path).extension().string();
      is_complete = is_complete && ending.starts_with(".h");
      continue;
    }
    is_complete = is_complete && include.target.has_value();
    if (!include.target || *include.target == tree.file) continue;
    const bool only_protocols = include.kind == IncludeSyntax::Kind::kProtocol;
    const auto [first, is_new] =
        seen.try_emplace(static_cast<std::uint32_t>(*include.target), imports.size(), &include);
    if (is_new) {
      imports.push_back({*include.target, only_protocols,
                         static_cast<std::uint32_t>(imports.size()), include.span});
      file.includes.push_back(*include.target);
    } else if (first->second.second->kind == include.kind) {
      const std::string& path = context_.model.file(*include.target).path;
      context_.Report(kIncludedTwice, include.span, WrittenName(include, path))
          .Because(kFirstIncludedHere, first->second.second->span);
    } else {
      imports[first->second.first].only_protocols &= only_protocols;
    }
  }
  context_.scopes.Include(tree.file, std::move(imports), is_complete);
}

void NameDeclarer::CheckOutputs(const SyntaxTree& tree) {
  const Model& model = context_.model;
  std::unordered_map<std::string_view, FileId> outputs = {
      {model.file(tree.file).output, tree.file}};
  for (const IncludeSyntax& include : tree.includes) {
    if (!include.target) continue;
    const File& target = model.file(*include.target);
    const auto [other, is_new] = outputs.emplace(target.output, target.id);
    if (is_new || other->second == target.id) continue;
    context_.Report(kOutputsCollide, include.span, target.path, model.file(other->second).path);
  }
}

}  // namespace

void DeclareNames(CheckContext& context) {
  NameDeclarer(context).Run();
}

bool NameSameCppType(const DeclarationSyntax& a, const DeclarationSyntax& b) {
  const auto* first = std::get_if<UsingSyntax>(&a.what);
  const auto* second = std::get_if<UsingSyntax>(&b.what);
  return first != nullptr && second != nullptr && first->qualified_name == second->qualified_name;
}

}  // namespace batonc
