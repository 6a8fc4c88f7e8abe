#include <optional>
#include <system_error>
#include <utility>

#include "compiler/lex/lexer.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

ValueSyntax WholeNumber(Cursor& cursor, Span begin, bool negative) {
  const ParsedNumber parsed = NumberFrom(cursor.Text());
  cursor.Advance();
  const Span span = cursor.Since(begin);
  return {NumberSyntax{negative, parsed.value, parsed.error == std::errc(), span}, span};
}

ValueSyntax RealNumber(Cursor& cursor, Span begin, bool negative) {
  const double value = RealFrom(cursor.Text()).value;
  cursor.Advance();
  const Span span = cursor.Since(begin);
  return {RealSyntax{negative ? -value : value, span}, span};
}

ValueSyntax NameOf(Cursor& cursor) {
  const Name name = cursor.ExpectName();
  return {name, name.span};
}

}  // namespace

std::optional<ValueSyntax> ParseValue(Cursor& cursor) {
  const Span begin = cursor.Here();
  const bool negative = cursor.TakeIf(TokenKind::kMinus);
  if (cursor.At(TokenKind::kInteger)) return WholeNumber(cursor, begin, negative);
  if (cursor.At(TokenKind::kReal)) return RealNumber(cursor, begin, negative);
  if (!negative && cursor.At(TokenKind::kString)) {
    StringSyntax text{UnquotedText(cursor), begin};
    cursor.Advance();
    return ValueSyntax{std::move(text), begin};
  }
  const bool is_name = cursor.At(TokenKind::kIdentifier) || IsKeyword(cursor.Peek().kind);
  if (!negative && is_name) return NameOf(cursor);
  cursor.ReportExpected(negative ? Describe(TokenKind::kInteger) : "a value");
  return std::nullopt;
}

std::optional<ValueSyntax> ParseNumberOrName(Cursor& cursor) {
  const Span begin = cursor.Here();
  const bool negative = cursor.TakeIf(TokenKind::kMinus);
  if (cursor.At(TokenKind::kInteger)) return WholeNumber(cursor, begin, negative);
  if (!negative && cursor.At(TokenKind::kIdentifier)) return NameOf(cursor);
  cursor.ReportExpected(Describe(TokenKind::kInteger));
  return std::nullopt;
}

}  // namespace batonc
