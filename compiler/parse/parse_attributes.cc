#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "compiler/diag/problems.h"
#include "compiler/lex/lexer.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

using AttributeValue = std::remove_cvref_t<decltype(*AttributeSyntax::value)>;

DurationSyntax ParseDuration(Cursor& cursor) {
  const Span span = cursor.Here();
  const DurationParts parts = DurationFrom(cursor.Text()).value_or(DurationParts{});
  const ParsedNumber number = NumberFrom(parts.digits);
  DurationSyntax duration{
      {false, number.value, number.error == std::errc(), span}, std::string(parts.unit), span};
  cursor.Advance();
  return duration;
}

// `[Trusts=parent]`: in our dialect a reserved word is a value like any other.
std::optional<AttributeValue> ParseWord(Cursor& cursor) {
  if (cursor.dialect() == Dialect::kIpdl) return cursor.ExpectName();
  Name name{std::string(cursor.Text()), cursor.Here()};
  cursor.Advance();
  return name;
}

std::optional<AttributeValue> ParseNumberValue(Cursor& cursor) {
  const std::optional<ValueSyntax> value = ParseValue(cursor);
  if (!value) return std::nullopt;
  if (const auto* number = std::get_if<NumberSyntax>(&value->what)) return *number;
  if (const auto* real = std::get_if<RealSyntax>(&value->what)) return *real;
  return std::nullopt;
}

// `addition` is filled at the first value that IPDL does not know, to the end of the list.
std::optional<AttributeValue> ParseAttributeValue(Cursor& cursor,
                                                  std::optional<Addition>& addition) {
  const Span begin = cursor.Here();
  if (cursor.At(TokenKind::kString)) {
    StringSyntax text{UnquotedText(cursor), begin};
    cursor.Advance();
    return text;
  }
  switch (cursor.Peek().kind) {
    case TokenKind::kDuration:
      if (!addition) addition.emplace(cursor, begin, "a duration");
      return ParseDuration(cursor);
    case TokenKind::kMinus:
    case TokenKind::kReal:
    case TokenKind::kInteger:
      if (!addition) addition.emplace(cursor, begin, "a number in an attribute");
      return ParseNumberValue(cursor);
    default: break;
  }
  if (cursor.At(TokenKind::kIdentifier) || IsKeyword(cursor.Peek().kind)) return ParseWord(cursor);
  cursor.ReportExpected("a value");
  return std::nullopt;
}

void Keep(Cursor& cursor, Attributes& attributes, AttributeSyntax attribute) {
  const auto same = [&](const AttributeSyntax& other) {
    return other.name.text == attribute.name.text;
  };
  const auto first = std::ranges::find_if(attributes, same);
  if (first == attributes.end()) {
    attributes.push_back(std::move(attribute));
    return;
  }
  cursor.diagnostics()
      .Report(kAttributeTwice, attribute.name.span, attribute.name.text)
      .Because(kFirstGivenHere, first->name.span);
}

// False when what stands there is no attribute.
bool ParseAttribute(Cursor& cursor, Attributes& attributes, std::optional<Addition>& addition) {
  const bool is_message = (cursor.At(TokenKind::kAsync) || cursor.At(TokenKind::kSync)) &&
                          cursor.Peek(1).kind == TokenKind::kIdentifier;
  if (is_message) {
    cursor.ReportExpected("an attribute");
    return false;
  }
  AttributeSyntax attribute;
  attribute.name = cursor.ExpectName();
  if (attribute.name.text.empty()) return false;
  if (cursor.TakeIf(TokenKind::kEquals)) {
    attribute.value = ParseAttributeValue(cursor, addition);
    if (!attribute.value) return false;
  }
  attribute.span = cursor.Since(attribute.name.span);
  Keep(cursor, attributes, std::move(attribute));
  return true;
}

// Behind the list that was not understood, or in front of what cannot be in it.
void LeaveList(Cursor& cursor) {
  cursor.SkipTo({TokenKind::kRightBracket, TokenKind::kSemicolon, TokenKind::kLeftBrace,
                 TokenKind::kLeftParen, TokenKind::kRightParen, TokenKind::kAsync, TokenKind::kSync,
                 TokenKind::kStruct, TokenKind::kUnion, TokenKind::kProtocol});
  cursor.TakeIf(TokenKind::kRightBracket);
}

void ParseList(Cursor& cursor, Attributes& attributes) {
  const Span open = cursor.Here();
  cursor.Advance();
  if (cursor.TakeIf(TokenKind::kRightBracket)) {
    cursor.diagnostics().Report(kNoAttributes, cursor.Since(open));
    return;
  }
  std::optional<Addition> addition;
  do {
    if (!ParseAttribute(cursor, attributes, addition)) return LeaveList(cursor);
  } while (cursor.TakeIf(TokenKind::kComma));
  if (cursor.TakeIf(TokenKind::kRightBracket)) return;
  cursor.ReportExpected("`,` or `]`");
  LeaveList(cursor);
}

}  // namespace

Attributes ParseAttributes(Cursor& cursor) {
  Attributes attributes;
  if (!cursor.At(TokenKind::kLeftBracket)) return attributes;
  ParseList(cursor, attributes);
  while (cursor.At(TokenKind::kLeftBracket)) {
    cursor.ReportExpected("`,` and more attributes in one list");
    ParseList(cursor, attributes);
  }
  return attributes;
}

}  // namespace batonc
