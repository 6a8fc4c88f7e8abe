#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/lex/lexer.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

// Takes what stands behind a field and is not in the language yet.
void SkipDefault(Cursor& cursor) {
  if (!cursor.At(TokenKind::kEquals)) return;
  const Span begin = cursor.Here();
  cursor.Advance();
  cursor.SkipTo({TokenKind::kSemicolon, TokenKind::kComma, TokenKind::kRightParen});
  cursor.ReportUnsupported(cursor.Since(begin), "a default value");
}

void ParseStructItem(Cursor& cursor, StructSyntax& structure) {
  FieldSyntax field;
  if (!ParseField(cursor, field)) return cursor.SkipItem();
  structure.fields.push_back(std::move(field));
  cursor.ExpectSemicolon();
}

std::optional<NumberSyntax> ParseNumber(Cursor& cursor) {
  const Span begin = cursor.Here();
  NumberSyntax number;
  number.negative = cursor.TakeIf(TokenKind::kMinus);
  if (!cursor.At(TokenKind::kInteger)) {
    cursor.ReportExpected(Describe(TokenKind::kInteger));
    return std::nullopt;
  }
  const ParsedNumber parsed = NumberFrom(cursor.Text());
  number.magnitude = parsed.value;
  number.is_known = parsed.error == std::errc();
  cursor.Advance();
  number.span = cursor.Since(begin);
  return number;
}

// False when the rest of the list makes no sense.
bool ParseEnumerator(Cursor& cursor, EnumSyntax& enumeration) {
  EnumeratorSyntax enumerator;
  enumerator.doc = cursor.TakeDoc();
  SkipAttributes(cursor);
  enumerator.name = cursor.ExpectName();
  if (enumerator.name.text.empty()) return false;
  if (cursor.TakeIf(TokenKind::kEquals)) {
    enumerator.value = ParseNumber(cursor);
    if (!enumerator.value) return false;
  }
  enumeration.enumerators.push_back(std::move(enumerator));
  return true;
}

void ParseEnumItem(Cursor& cursor, EnumSyntax& enumeration) {
  if (!ParseEnumerator(cursor, enumeration)) {
    enumeration.is_damaged = true;
    cursor.SkipTo({TokenKind::kComma, TokenKind::kSemicolon});
  }
  if (cursor.TakeIf(TokenKind::kComma) || cursor.At(TokenKind::kRightBrace)) return;
  if (cursor.At(TokenKind::kEndOfFile) || cursor.AtFreshDeclaration()) return;
  enumeration.is_damaged = true;
  cursor.ReportExpected("`,` or `}`");
  if (cursor.At(TokenKind::kIdentifier)) return;
  cursor.SkipTo({TokenKind::kComma, TokenKind::kSemicolon});
  if (!cursor.TakeIf(TokenKind::kComma)) cursor.TakeIf(TokenKind::kSemicolon);
}

// A `}` without `;` at the very end of a file with an open namespace: it closes the namespace.
bool ClosesNamespace(const Cursor& cursor, bool in_namespace) {
  return in_namespace && cursor.Peek(1).kind == TokenKind::kEndOfFile;
}

}  // namespace

void ParseBody(Cursor& cursor, bool in_namespace, const std::function<void()>& item) {
  const Span open = cursor.Here();
  if (!cursor.Expect(TokenKind::kLeftBrace)) return cursor.SkipItem();
  while (!cursor.At(TokenKind::kRightBrace) && !cursor.At(TokenKind::kEndOfFile) &&
         !cursor.AtFreshDeclaration()) {
    item();
  }
  if (!cursor.At(TokenKind::kRightBrace) || ClosesNamespace(cursor, in_namespace)) {
    cursor.diagnostics()
        .Report(kNotClosed, cursor.Here(), cursor.Found())
        .Because(kOpenedHere, open);
    return;
  }
  cursor.Advance();
  cursor.ExpectSemicolon();
}

bool ParseField(Cursor& cursor, FieldSyntax& field) {
  field.doc = cursor.TakeDoc();
  SkipAttributes(cursor);
  const Span begin = cursor.Here();
  field.type = ParseType(cursor);
  if (cursor.Since(begin).end == begin.begin) return false;
  field.name = cursor.ExpectName();
  if (field.name.text.empty()) return false;
  SkipDefault(cursor);
  return true;
}

StructSyntax ParseStruct(Cursor& cursor, DeclarationSyntax& declaration) {
  StructSyntax structure;
  cursor.Advance();
  declaration.name = cursor.ExpectName();
  ParseBody(cursor, !declaration.namespace_path.empty(),
            [&] { ParseStructItem(cursor, structure); });
  return structure;
}

EnumSyntax ParseEnum(Cursor& cursor, DeclarationSyntax& declaration) {
  EnumSyntax enumeration;
  cursor.Advance();
  declaration.name = cursor.ExpectName();
  if (cursor.TakeIf(TokenKind::kColon)) enumeration.underlying = ParseType(cursor);
  ParseBody(cursor, !declaration.namespace_path.empty(),
            [&] { ParseEnumItem(cursor, enumeration); });
  return enumeration;
}

}  // namespace batonc
