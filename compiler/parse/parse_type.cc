#include <string>

#include "compiler/diag/problems.h"
#include "compiler/parse/parser.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

// Stops in front of whatever cannot be inside.
void SkipBracketed(Cursor& cursor, TokenKind open, TokenKind close) {
  int depth = 0;
  do {
    if (cursor.At(open)) ++depth;
    if (cursor.At(close)) --depth;
    cursor.Advance();
  } while (depth > 0 && !cursor.At(TokenKind::kSemicolon) && !cursor.At(TokenKind::kLeftBrace) &&
           !cursor.At(TokenKind::kRightBrace) && !cursor.At(TokenKind::kRightParen) &&
           !cursor.At(TokenKind::kEndOfFile));
}

// `a::b::Name`, of which only the last part counts. At a name or at `::`.
void ParseQualifiedName(Cursor& cursor, TypeSyntax& type) {
  const Span begin = cursor.Here();
  std::string whole;
  while (true) {
    if (cursor.TakeIf(TokenKind::kColonColon)) whole += "::";
    if (!cursor.At(TokenKind::kIdentifier)) return cursor.ReportExpected("a type");
    type.name = cursor.Text();
    type.name_span = cursor.Here();
    whole += type.name;
    cursor.Advance();
    if (!cursor.At(TokenKind::kColonColon)) break;
  }
  if (whole == type.name) return;
  const Span span = cursor.Since(begin);
  cursor.diagnostics().Report(kQualifiedName, span, whole).Suggest(span, type.name);
}

void ParseTypeName(Cursor& cursor, TypeSyntax& type) {
  const Span begin = cursor.Here();
  if (cursor.TakeIf(TokenKind::kNullable)) cursor.ReportUnsupported(begin, "`nullable`");
  const Span name = cursor.Here();
  const std::string word(cursor.Text());
  if (cursor.At(TokenKind::kIdentifier) || cursor.At(TokenKind::kColonColon)) {
    ParseQualifiedName(cursor, type);
  } else if (cursor.At(TokenKind::kUniquePtr)) {
    cursor.Advance();
  } else {
    cursor.ReportExpected("a type");
  }
  if (!cursor.At(TokenKind::kLeftAngle)) return;
  SkipBracketed(cursor, TokenKind::kLeftAngle, TokenKind::kRightAngle);
  cursor.ReportUnsupported(cursor.Since(name), "`" + word + "<...>`");
  type.name.clear();
}

void ParseWrapper(Cursor& cursor, TypeSyntax& type) {
  if (cursor.TakeIf(TokenKind::kQuestion)) {
    type.wrappers.push_back(Wrapper::kOptional);
    return;
  }
  const Span begin = cursor.Here();
  if (cursor.Peek(1).kind == TokenKind::kInteger || cursor.Peek(1).kind == TokenKind::kIdentifier) {
    SkipBracketed(cursor, TokenKind::kLeftBracket, TokenKind::kRightBracket);
    cursor.ReportUnsupported(cursor.Since(begin), "an array of a fixed size");
    type.name.clear();
    return;
  }
  cursor.Advance();
  if (cursor.Expect(TokenKind::kRightBracket)) type.wrappers.push_back(Wrapper::kArray);
}

}  // namespace

void SkipAttributes(Cursor& cursor) {
  while (cursor.At(TokenKind::kLeftBracket)) {
    const Span begin = cursor.Here();
    const std::string name(cursor.Text(1));
    SkipBracketed(cursor, TokenKind::kLeftBracket, TokenKind::kRightBracket);
    cursor.ReportUnsupported(cursor.Since(begin), "attribute `" + name + "`");
  }
}

TypeSyntax ParseType(Cursor& cursor) {
  TypeSyntax type;
  const Span begin = cursor.Here();
  ParseTypeName(cursor, type);
  while (cursor.At(TokenKind::kQuestion) || cursor.At(TokenKind::kLeftBracket)) {
    ParseWrapper(cursor, type);
  }
  type.span = cursor.Since(begin);
  if (type.wrappers.size() > kMaxNesting) {
    cursor.diagnostics().Report(kNestedTooDeeply, type.span, kMaxNesting);
    type.name.clear();
    type.wrappers.clear();
  }
  return type;
}

}  // namespace batonc
