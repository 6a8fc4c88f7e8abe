#include <algorithm>
#include <string>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/parser.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

bool CanHoldElements(std::string_view name) {
  return name == "Shmem" || name == "UnsafeShmem" || name == "FrozenShmem";
}

// One type with all that is in it. Once it nests too deeply, or is not understood, it has no name
// any more; the rest of it is taken all the same.
class TypeParser {
 public:
  explicit TypeParser(Cursor& cursor) : cursor_(cursor) {}

  TypeSyntax Parse() {
    const Span begin = cursor_.Here();
    TypeSyntax type = ParseInner(0).type;
    if (is_too_deep_) {
      cursor_.diagnostics().Report(kNestedTooDeeply, cursor_.Since(begin), kMaxNesting);
      type = {};
      type.span = cursor_.Since(begin);
    }
    return type;
  }

 private:
  struct Measured {
    TypeSyntax type;
    int height = 0;  // types around the innermost one
  };

  Measured ParseInner(int depth);
  Measured ParseBase(int depth);
  Measured ParseUniquePtr(int depth);
  Measured ParseMap(TypeSyntax type, int depth);
  void ParseName(TypeSyntax& type);
  void ParseArgument(TypeSyntax& type);
  void ParseWrapper(Measured& inner, Span begin);
  void ParseCount(TypeSyntax& type);
  void CloseAngle();
  void SkipAngles(int open);
  void SkipTheRest();

  Cursor& cursor_;
  bool is_too_deep_ = false;
};

TypeParser::Measured TypeParser::ParseInner(int depth) {
  const Span begin = cursor_.Here();
  if (depth > kMaxNesting) {
    SkipAngles(depth);
    return {};
  }
  Measured measured = ParseBase(depth);
  is_too_deep_ = is_too_deep_ || measured.height > kMaxNesting;
  measured.type.span = cursor_.Since(begin);
  if (cursor_.Here() == begin) return measured;  // nothing of a type, not even its wrappers
  while (cursor_.At(TokenKind::kQuestion) || cursor_.At(TokenKind::kLeftBracket)) {
    ParseWrapper(measured, begin);
  }
  return measured;
}

// Behind as many `>` as are open: all of it is too deep.
void TypeParser::SkipAngles(int open) {
  is_too_deep_ = true;
  while (open > 0 && !cursor_.At(TokenKind::kSemicolon) && !cursor_.At(TokenKind::kRightParen) &&
         !cursor_.At(TokenKind::kLeftBrace) && !cursor_.At(TokenKind::kRightBrace) &&
         !cursor_.At(TokenKind::kEndOfFile)) {
    if (cursor_.At(TokenKind::kLeftAngle)) ++open;
    if (cursor_.At(TokenKind::kRightAngle)) --open;
    cursor_.Advance();
  }
}

// To where the type may end: it is wrong as a whole.
void TypeParser::SkipTheRest() {
  cursor_.SkipTo({TokenKind::kSemicolon, TokenKind::kComma, TokenKind::kRightParen,
                  TokenKind::kRightAngle, TokenKind::kLeftBrace});
}

TypeParser::Measured TypeParser::ParseBase(int depth) {
  if (cursor_.At(TokenKind::kUniquePtr)) return ParseUniquePtr(depth);
  TypeSyntax type;
  type.nullable_span = cursor_.Here();
  type.is_nullable = cursor_.TakeIf(TokenKind::kNullable);
  // `nullable` belongs to a name.
  if (cursor_.At(TokenKind::kNullable)) cursor_.ReportExpected("a type");
  while (cursor_.TakeIf(TokenKind::kNullable)) {
  }
  if (cursor_.At(TokenKind::kUniquePtr)) {
    cursor_.ReportExpected("a type");
    return ParseUniquePtr(depth);
  }
  type.name_span = cursor_.Here();
  ParseName(type);
  if (type.name.empty() || !cursor_.At(TokenKind::kLeftAngle)) return {std::move(type), 0};
  const bool is_map = type.name == "map" && !type.is_nullable;
  if (is_map) return ParseMap(std::move(type), depth);
  ParseArgument(type);
  return {std::move(type), 0};
}

// `a::b::Name`, of which only the last part counts.
void TypeParser::ParseName(TypeSyntax& type) {
  const Span begin = cursor_.Here();
  std::string whole;
  do {
    if (cursor_.TakeIf(TokenKind::kColonColon)) whole += "::";
    if (!cursor_.At(TokenKind::kIdentifier)) return cursor_.ReportExpected("a type");
    type.name = cursor_.Text();
    type.name_span = cursor_.Here();
    whole += type.name;
    cursor_.Advance();
  } while (cursor_.At(TokenKind::kColonColon));
  if (whole == type.name) return;
  const Span span = cursor_.Since(begin);
  Diagnostic& problem = cursor_.diagnostics().Report(kQualifiedName, span, whole);
  if (!whole.starts_with("std::")) problem.Suggest(span, type.name);
}

// `Name<Argument>`, where the argument is a name as well.
void TypeParser::ParseArgument(TypeSyntax& type) {
  cursor_.Advance();
  TypeSyntax argument;
  argument.name_span = argument.span = cursor_.Here();
  argument.name = cursor_.ExpectName().text;
  if (argument.name.empty()) return SkipTheRest();
  CloseAngle();
  const Span span = cursor_.Since(type.name_span);
  if (CanHoldElements(type.name)) {
    cursor_.ReportAddition(span, "`" + type.name + "<" + argument.name + ">`");
  }
  type.inner.push_back(std::move(argument));
}

// `map` is a name like any other, until there are two types behind it.
TypeParser::Measured TypeParser::ParseMap(TypeSyntax type, int depth) {
  cursor_.Advance();
  Measured key = ParseInner(depth + 1);
  const bool is_name = key.type.form == TypeSyntax::Form::kName && key.type.inner.empty();
  if (is_name && cursor_.At(TokenKind::kRightAngle)) {
    cursor_.Advance();
    type.inner.push_back(std::move(key.type));
    return {std::move(type), 0};
  }
  if (is_too_deep_ || !cursor_.Expect(TokenKind::kComma)) {
    if (!is_too_deep_) SkipTheRest();
    type.name.clear();
    return {std::move(type), 0};
  }
  const Addition addition(cursor_, type.name_span, "`map`");
  Measured value = ParseInner(depth + 1);
  CloseAngle();
  type.form = TypeSyntax::Form::kMap;
  type.name.clear();
  type.inner.push_back(std::move(key.type));
  type.inner.push_back(std::move(value.type));
  return {std::move(type), std::max(key.height, value.height) + 1};
}

TypeParser::Measured TypeParser::ParseUniquePtr(int depth) {
  TypeSyntax type;
  type.name_span = cursor_.Here();
  cursor_.Advance();
  if (!cursor_.Expect(TokenKind::kLeftAngle)) return {std::move(type), 0};
  Measured inner = ParseInner(depth + 1);
  CloseAngle();
  type.form = TypeSyntax::Form::kUniquePtr;
  type.inner.push_back(std::move(inner.type));
  return {std::move(type), inner.height + 1};
}

void TypeParser::CloseAngle() {
  if (is_too_deep_ || cursor_.Expect(TokenKind::kRightAngle)) return;
  const TokenKind next = cursor_.Peek(1).kind;
  const bool is_name_of_field = cursor_.At(TokenKind::kIdentifier) &&
                                (next == TokenKind::kComma || next == TokenKind::kRightParen ||
                                 next == TokenKind::kSemicolon);
  if (is_name_of_field) return;
  cursor_.SkipTo({TokenKind::kSemicolon, TokenKind::kRightParen, TokenKind::kRightAngle,
                  TokenKind::kLeftBrace});
  cursor_.TakeIf(TokenKind::kRightAngle);
}

void TypeParser::ParseWrapper(Measured& inner, Span begin) {
  TypeSyntax type;
  if (cursor_.TakeIf(TokenKind::kQuestion)) {
    type.form = TypeSyntax::Form::kOptional;
  } else {
    const Span open = cursor_.Here();
    cursor_.Advance();
    type.form = TypeSyntax::Form::kArray;
    if (!cursor_.At(TokenKind::kRightBracket)) ParseCount(type);
    const bool is_closed = cursor_.Expect(TokenKind::kRightBracket);
    if (is_closed && type.count)
      cursor_.ReportAddition(cursor_.Since(open), "an array of a fixed size");
  }
  if (inner.height == kMaxNesting) {
    is_too_deep_ = true;
    return;
  }
  type.span = cursor_.Since(begin);
  type.inner.push_back(std::move(inner.type));
  inner.type = std::move(type);
  ++inner.height;
}

void TypeParser::ParseCount(TypeSyntax& type) {
  if (!cursor_.At(TokenKind::kInteger) && !cursor_.At(TokenKind::kIdentifier)) return;
  type.form = TypeSyntax::Form::kFixedArray;
  type.count = ParseNumberOrName(cursor_);
}

}  // namespace

TypeSyntax ParseType(Cursor& cursor) {
  return TypeParser(cursor).Parse();
}

}  // namespace batonc
