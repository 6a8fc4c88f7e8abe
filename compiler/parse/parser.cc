#include "compiler/parse/parser.h"

#include <filesystem>
#include <string>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/cursor.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

class FileParser {
 public:
  FileParser(const TokenBuffer& tokens, Diagnostics& diagnostics)
      : file_(tokens.source->id()), cursor_(tokens, diagnostics) {
    tree_.file = file_;
  }

  SyntaxTree Run();

 private:
  struct OpenNamespace {
    Name name;
    Span brace;
    std::size_t declarations_before;  // to see whether it declared anything
  };

  void ParseThing();
  void ParseInclude();
  void ParseIncludeTarget(IncludeSyntax& include);
  void OpenNamespaceHere();
  void CloseNamespace();
  bool ParseDeclaration();
  void ParseUnsupported();
  void ReportDocsOfNothing();

  FileId file_;
  Cursor cursor_;
  SyntaxTree tree_;
  std::vector<OpenNamespace> namespaces_;
  bool declares_ = false;    // the place for includes is over
  bool is_damaged_ = false;  // something was skipped: "nothing" is then no complaint
};

SyntaxTree FileParser::Run() {
  while (!cursor_.At(TokenKind::kEndOfFile)) ParseThing();
  if (!namespaces_.empty()) {
    cursor_.diagnostics()
        .Report(kNotClosed, cursor_.Here(), cursor_.Found())
        .Because(kOpenedHere, namespaces_.back().brace);
  } else if (tree_.declarations.empty() && !is_damaged_ &&
             !cursor_.diagnostics().HasErrorsIn(file_)) {
    cursor_.diagnostics().Report(kEmptyFile, {file_, 0, 0});
  }
  ReportDocsOfNothing();
  return std::move(tree_);
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
  cursor_.SkipItem();
}

void FileParser::ParseInclude() {
  const Span begin = cursor_.Here();
  cursor_.Advance();
  IncludeSyntax include;
  ParseIncludeTarget(include);
  if (include.path.empty()) {
    is_damaged_ = true;
    return cursor_.SkipItem();
  }
  cursor_.ExpectSemicolon();
  if (declares_) {
    cursor_.diagnostics().Report(kIncludeTooLate, begin);
  }
  if (std::filesystem::path(include.path).extension() == ".h") {
    is_damaged_ = true;
    return cursor_.ReportUnsupported(include.span, "an `include` of a C++ header");
  }
  tree_.includes.push_back(std::move(include));
}

void FileParser::ParseIncludeTarget(IncludeSyntax& include) {
  if (cursor_.At(TokenKind::kString)) {
    include.kind = IncludeSyntax::Kind::kPath;
    include.span = cursor_.Here();
    include.path = cursor_.Text().substr(1);
    if (include.path.ends_with('"')) include.path.pop_back();
    cursor_.Advance();
    return;
  }
  const bool is_protocol = cursor_.TakeIf(TokenKind::kProtocol);
  include.kind = is_protocol ? IncludeSyntax::Kind::kProtocol : IncludeSyntax::Kind::kHeader;
  const Name name = cursor_.ExpectName();
  include.span = name.span;
  if (!name.text.empty()) include.path = name.text + (is_protocol ? ".idl" : ".idlh");
}

void FileParser::OpenNamespaceHere() {
  const Span begin = cursor_.Here();
  cursor_.Advance();
  Name name = cursor_.ExpectName();
  const Span brace = cursor_.Here();
  if (!cursor_.Expect(TokenKind::kLeftBrace)) {
    is_damaged_ = true;
    return cursor_.SkipItem();
  }
  if (namespaces_.size() == kMaxNesting) {
    cursor_.diagnostics().Report(kNestedTooDeeply, begin, kMaxNesting);
  }
  declares_ = true;
  namespaces_.push_back({std::move(name), brace, tree_.declarations.size()});
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
  const bool is_empty = closed.declarations_before == tree_.declarations.size();
  if (is_empty && !cursor_.diagnostics().HasErrorsIn(file_)) {
    cursor_.diagnostics().Report(kEmptyNamespace, closed.name.span, closed.name.text);
  }
}

bool FileParser::ParseDeclaration() {
  DeclarationSyntax declaration;
  declaration.doc = cursor_.TakeDoc();
  SkipAttributes(cursor_);
  if (namespaces_.size() <= kMaxNesting) {
    for (const OpenNamespace& open : namespaces_) declaration.namespace_path.push_back(open.name);
  }
  if (cursor_.AtWord("resource")) {
    cursor_.ReportUnsupported(cursor_.Here(), "`resource`");
    cursor_.Advance();
  }
  if (cursor_.At(TokenKind::kStruct)) {
    declaration.what = ParseStruct(cursor_, declaration);
  } else if (cursor_.At(TokenKind::kProtocol) || cursor_.At(TokenKind::kAsync) ||
             cursor_.At(TokenKind::kSync)) {
    declaration.what = ParseProtocol(cursor_, declaration);
  } else if (cursor_.AtWord("enum")) {
    declaration.what = ParseEnum(cursor_, declaration);
  } else if (cursor_.At(TokenKind::kUnion) || cursor_.At(TokenKind::kUsing) ||
             cursor_.AtWord("const")) {
    declaration.what = UnsupportedSyntax{};
    ParseUnsupported();
    return true;
  } else {
    return false;
  }
  declares_ = true;
  if (!declaration.name.text.empty()) tree_.declarations.push_back(std::move(declaration));
  return true;
}

// Remembers the name, so that its uses are not complained about as well.
void FileParser::ParseUnsupported() {
  cursor_.ReportUnsupported(cursor_.Here(), "`" + std::string(cursor_.Text()) + "`");
  is_damaged_ = true;
  declares_ = declares_ || !cursor_.At(TokenKind::kUsing);
  cursor_.Advance();
  DeclarationSyntax declaration;
  declaration.what = UnsupportedSyntax{};
  while (!cursor_.At(TokenKind::kEndOfFile) && !cursor_.At(TokenKind::kLeftBrace) &&
         !cursor_.At(TokenKind::kFrom) && !cursor_.At(TokenKind::kSemicolon) &&
         !cursor_.At(TokenKind::kEquals) && !cursor_.At(TokenKind::kRightBrace)) {
    if (cursor_.At(TokenKind::kIdentifier)) {
      declaration.name = {std::string(cursor_.Text()), cursor_.Here()};
    }
    cursor_.Advance();
  }
  cursor_.SkipItem();
  if (!declaration.name.text.empty()) {
    tree_.declarations.push_back(std::move(declaration));
  }
}

void FileParser::ReportDocsOfNothing() {
  if (cursor_.diagnostics().HasErrorsIn(file_)) return;
  for (const Span& span : cursor_.UnusedDocs()) cursor_.diagnostics().Report(kDocOfNothing, span);
}

}  // namespace

SyntaxTree Parse(const TokenBuffer& tokens, Diagnostics& diagnostics) {
  return FileParser(tokens, diagnostics).Run();
}

}  // namespace batonc
