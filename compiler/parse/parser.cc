#include "compiler/parse/parser.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/cursor.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

// Where IPDL knows C++ headers only, its own endings are no exception.
bool NamesIdlFile(std::string_view path, Dialect dialect) {
  if (path.ends_with(".idl") || path.ends_with(".idlh")) return true;
  return dialect == Dialect::kBaton && (path.ends_with(".ipdl") || path.ends_with(".ipdlh"));
}

class FileParser {
 public:
  FileParser(const TokenBuffer& tokens, Diagnostics& diagnostics)
      : file_(tokens.source->id()), cursor_(tokens, diagnostics) {
    tree_.file = file_;
    tree_.dialect = cursor_.dialect();
  }

  SyntaxTree Run();

 private:
  struct OpenNamespace {
    Span brace;
    Span name_span;
    std::string name;                 // as written: "a", and wrongly "a::b"
    std::size_t names_before;         // in namespace_path_
    std::size_t declarations_before;  // to see whether it declared anything
  };

  void ParseThing();
  void ParseInclude();
  std::optional<IncludeSyntax> ParseIncludeTarget();
  IncludeSyntax PathInclude();
  std::optional<IncludeSyntax> NamedInclude();
  void OpenNamespaceHere();
  std::string ParseNamespaceName();
  void CloseNamespace();
  bool ParseDeclaration();
  bool ParseWhat(DeclarationSyntax& declaration);
  void ReportIfEmpty();
  void ReportDocsOfNothing();

  FileId file_;
  Cursor cursor_;
  SyntaxTree tree_;
  std::vector<OpenNamespace> namespaces_;
  std::vector<Name> namespace_path_;
  bool declares_ = false;    // the place for `include` and `using` is over
  bool is_damaged_ = false;  // something was skipped: "nothing" is then no complaint
};

SyntaxTree FileParser::Run() {
  while (!cursor_.At(TokenKind::kEndOfFile)) ParseThing();
  if (!namespaces_.empty()) {
    cursor_.diagnostics()
        .Report(kNotClosed, cursor_.Here(), cursor_.Found())
        .Because(kOpenedHere, namespaces_.back().brace);
  } else if (!is_damaged_ && !cursor_.diagnostics().HasErrorsIn(file_)) {
    ReportIfEmpty();
  }
  ReportDocsOfNothing();
  return std::move(tree_);
}

// In IPDL's own dialect, `using` is not yet a declaration.
void FileParser::ReportIfEmpty() {
  if (declares_) return;
  if (tree_.declarations.empty()) {
    cursor_.diagnostics().Report(kEmptyFile, {file_, 0, 0});
  } else if (tree_.dialect == Dialect::kIpdl) {
    cursor_.diagnostics()
        .Report(kEmptyFile, {file_, 0, 0})
        .Because(kUsingIsNothing, tree_.declarations.front().name.span);
  }
}

void FileParser::ParseThing() {
  switch (cursor_.Peek().kind) {
    case TokenKind::kInclude: return ParseInclude();
    case TokenKind::kNamespace: return OpenNamespaceHere();
    case TokenKind::kRightBrace: return CloseNamespace();
    default: break;
  }
  if (ParseDeclaration()) return;
  is_damaged_ = true;
  cursor_.ReportExpected("a declaration");
  const bool had_attributes = cursor_.At(TokenKind::kInclude) ||
                              cursor_.At(TokenKind::kNamespace) ||
                              cursor_.At(TokenKind::kRightBrace);
  if (!had_attributes) cursor_.SkipItem();
}

void FileParser::ParseInclude() {
  if (declares_) {
    cursor_.diagnostics().Report(kIncludeTooLate, cursor_.Here(), cursor_.Text());
  }
  cursor_.Advance();
  std::optional<IncludeSyntax> include = ParseIncludeTarget();
  if (!include) {
    is_damaged_ = true;
    return cursor_.SkipItem();
  }
  cursor_.ExpectSemicolon();
  tree_.includes.push_back(std::move(*include));
}

std::optional<IncludeSyntax> FileParser::ParseIncludeTarget() {
  if (cursor_.At(TokenKind::kString)) return PathInclude();
  return NamedInclude();
}

IncludeSyntax FileParser::PathInclude() {
  const std::string path = UnquotedText(cursor_);
  const bool is_idl = NamesIdlFile(path, tree_.dialect);
  IncludeSyntax include;
  include.kind = is_idl ? IncludeSyntax::Kind::kPath : IncludeSyntax::Kind::kCppHeader;
  include.span = cursor_.Here();
  if (is_idl) cursor_.ReportAddition(include.span, "an `include` with the path of another file");
  include.candidates = {path};
  cursor_.Advance();
  return include;
}

std::optional<IncludeSyntax> FileParser::NamedInclude() {
  const bool is_protocol = cursor_.TakeIf(TokenKind::kProtocol);
  const Name name = cursor_.ExpectName();
  if (name.text.empty()) return std::nullopt;
  IncludeSyntax include;
  include.kind = is_protocol ? IncludeSyntax::Kind::kProtocol : IncludeSyntax::Kind::kHeader;
  include.span = name.span;
  const std::string last = is_protocol ? "" : "h";
  include.candidates = {name.text + ".idl" + last, name.text + ".ipdl" + last};
  if (tree_.dialect == Dialect::kIpdl) std::swap(include.candidates[0], include.candidates[1]);
  return include;
}

void FileParser::OpenNamespaceHere() {
  const Span begin = cursor_.Here();
  cursor_.TakeDoc();  // may stand there; nothing generated has a place for it
  const std::size_t names_before = namespace_path_.size();
  cursor_.Advance();
  const Span name_begin = cursor_.Here();
  std::string name = ParseNamespaceName();
  const Span name_span = cursor_.Since(name_begin);
  const Span brace = cursor_.Here();
  if (!cursor_.Expect(TokenKind::kLeftBrace)) {
    is_damaged_ = true;
    namespace_path_.resize(names_before);
    return cursor_.SkipItem();
  }
  const std::size_t deepest = kMaxNesting;
  if (names_before <= deepest && namespace_path_.size() > deepest) {
    cursor_.diagnostics().Report(kNestedTooDeeply, begin, kMaxNesting);
  }
  declares_ = true;
  namespaces_.push_back(
      {brace, name_span, std::move(name), names_before, tree_.declarations.size()});
}

// One name; several with `::` between them are understood, and refused.
std::string FileParser::ParseNamespaceName() {
  const Span begin = cursor_.Here();
  std::string whole;
  while (true) {
    Name name = cursor_.ExpectName();
    whole += name.text;
    namespace_path_.push_back(std::move(name));
    if (!cursor_.TakeIf(TokenKind::kColonColon)) break;
    whole += "::";
  }
  if (whole != namespace_path_.back().text) {
    cursor_.diagnostics().Report(kJoinedNamespaces, cursor_.Since(begin), whole);
  }
  return whole;
}

void FileParser::CloseNamespace() {
  if (namespaces_.empty()) {
    is_damaged_ = true;
    cursor_.ReportExpected("a declaration");
    cursor_.Advance();
    cursor_.TakeIf(TokenKind::kSemicolon);
    return;
  }
  cursor_.Advance();
  const OpenNamespace closed = std::move(namespaces_.back());
  namespaces_.pop_back();
  namespace_path_.resize(closed.names_before);
  const bool is_empty = closed.declarations_before == tree_.declarations.size();
  if (is_empty && !cursor_.diagnostics().HasErrorsIn(file_)) {
    cursor_.diagnostics().Report(kEmptyNamespace, closed.name_span, closed.name);
  }
}

bool FileParser::ParseDeclaration() {
  DeclarationSyntax declaration;
  declaration.doc = cursor_.TakeDoc();
  declaration.attributes = ParseAttributes(cursor_);
  if (namespace_path_.size() <= kMaxNesting) declaration.namespace_path = namespace_path_;
  if (!ParseWhat(declaration)) return false;
  if (!declaration.name.text.empty()) tree_.declarations.push_back(std::move(declaration));
  return true;
}

bool FileParser::ParseWhat(DeclarationSyntax& declaration) {
  const bool is_resource = cursor_.AtWord("resource");
  const TokenKind kind = cursor_.Peek(is_resource ? 1 : 0).kind;
  if (kind == TokenKind::kUsing && !is_resource) {
    if (declares_) {
      cursor_.diagnostics().Report(kIncludeTooLate, cursor_.Here(), cursor_.Text());
    }
    declaration.what = ParseUsing(cursor_, declaration);
    return true;
  }
  if (kind == TokenKind::kStruct) {
    declaration.what = ParseStruct(cursor_, declaration);
  } else if (kind == TokenKind::kUnion) {
    declaration.what = ParseUnion(cursor_, declaration);
  } else if (is_resource) {
    return false;
  } else if (kind == TokenKind::kProtocol || kind == TokenKind::kAsync ||
             kind == TokenKind::kSync) {
    declaration.what = ParseProtocol(cursor_, declaration);
  } else if (cursor_.AtWord("enum")) {
    declaration.what = ParseEnum(cursor_, declaration);
  } else if (cursor_.AtWord("const")) {
    declaration.what = ParseConstant(cursor_, declaration);
  } else {
    return false;
  }
  declares_ = true;
  return true;
}

// In IPDL's own dialect `///` is a comment like any other.
void FileParser::ReportDocsOfNothing() {
  if (tree_.dialect == Dialect::kIpdl) return;
  if (cursor_.diagnostics().HasErrorsIn(file_)) return;
  for (const Span& span : cursor_.UnusedDocs()) cursor_.diagnostics().Report(kDocOfNothing, span);
}

}  // namespace

Dialect DialectOf(std::string_view path) {
  return path.ends_with(".ipdl") || path.ends_with(".ipdlh") ? Dialect::kIpdl : Dialect::kBaton;
}

SyntaxTree Parse(const TokenBuffer& tokens, Diagnostics& diagnostics) {
  return FileParser(tokens, diagnostics).Run();
}

}  // namespace batonc
