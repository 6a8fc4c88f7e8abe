#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

// A `}` without `;` at the very end of a file with an open namespace: it closes the namespace.
bool ClosesNamespace(const Cursor& cursor, bool in_namespace) {
  return in_namespace && cursor.Peek(1).kind == TokenKind::kEndOfFile;
}

}  // namespace

std::string UnquotedText(const Cursor& cursor) {
  std::string_view text = cursor.Text().substr(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return std::string(text);
}

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
  field.attributes = ParseAttributes(cursor);
  const Span begin = cursor.Here();
  field.type = ParseType(cursor);
  if (cursor.Since(begin).end == begin.begin) return false;
  field.name = cursor.ExpectName();
  return !field.name.text.empty();
}

}  // namespace batonc
