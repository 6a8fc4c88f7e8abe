#include <string>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

// `= value` behind a field or the name of a constant; false when it makes no sense.
bool ParseDefault(Cursor& cursor, FieldSyntax& field) {
  if (!cursor.At(TokenKind::kEquals)) return true;
  const Addition addition(cursor, cursor.Here(), "a default value");
  cursor.Advance();
  field.default_value = ParseValue(cursor);
  return field.default_value.has_value();
}

void ParseStructItem(Cursor& cursor, StructSyntax& structure) {
  FieldSyntax field;
  {
    std::optional<Addition> addition;
    if (cursor.At(TokenKind::kLeftBracket)) {
      addition.emplace(cursor, cursor.Here(), "an attribute of a field");
    }
    if (!ParseField(cursor, field)) return cursor.SkipItem();
  }
  const bool is_whole = ParseDefault(cursor, field);
  structure.fields.push_back(std::move(field));
  if (!is_whole) return cursor.SkipItem();
  cursor.ExpectSemicolon();
}

void ParseUnionItem(Cursor& cursor, UnionSyntax& either) {
  UnionMemberSyntax member;
  member.doc = cursor.TakeDoc();
  if (cursor.At(TokenKind::kLeftBracket)) {
    cursor.ReportExpected("a type");
    ParseAttributes(cursor);
  }
  const Span begin = cursor.Here();
  member.type = ParseType(cursor);
  if (cursor.Since(begin).end == begin.begin) return cursor.SkipItem();
  either.members.push_back(std::move(member));
  cursor.ExpectSemicolon();
}

// False when the rest of the list makes no sense.
bool ParseEnumerator(Cursor& cursor, EnumSyntax& enumeration) {
  EnumeratorSyntax enumerator;
  enumerator.doc = cursor.TakeDoc();
  enumerator.attributes = ParseAttributes(cursor);
  enumerator.name = cursor.ExpectName();
  if (enumerator.name.text.empty()) return false;
  if (cursor.TakeIf(TokenKind::kEquals)) {
    enumerator.value = ParseNumberOrName(cursor);
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

bool TakeResource(Cursor& cursor) {
  if (!cursor.AtWord("resource")) return false;
  cursor.ReportAddition(cursor.Here(), "`resource`");
  cursor.Advance();
  return true;
}

// `a::b::Name<Argument>`; the last part is what files call it. Empty name: reported.
std::string ParseCppName(Cursor& cursor, Name& last) {
  std::string whole;
  while (true) {
    const Span begin = cursor.Here();
    last = cursor.ExpectName();
    if (last.text.empty()) return "";
    if (cursor.TakeIf(TokenKind::kLeftAngle)) {
      const Name argument = cursor.ExpectName();
      if (argument.text.empty() || !cursor.Expect(TokenKind::kRightAngle)) {
        last.text.clear();
        return "";
      }
      last = {last.text + "<" + argument.text + ">", cursor.Since(begin)};
    }
    whole += last.text;
    if (!cursor.TakeIf(TokenKind::kColonColon)) return whole;
    whole += "::";
  }
}

}  // namespace

StructSyntax ParseStruct(Cursor& cursor, DeclarationSyntax& declaration) {
  StructSyntax structure;
  structure.is_resource = TakeResource(cursor);
  cursor.Advance();
  declaration.name = cursor.ExpectName();
  ParseBody(cursor, !declaration.namespace_path.empty(),
            [&] { ParseStructItem(cursor, structure); });
  return structure;
}

UnionSyntax ParseUnion(Cursor& cursor, DeclarationSyntax& declaration) {
  UnionSyntax either;
  either.is_resource = TakeResource(cursor);
  cursor.Advance();
  declaration.name = cursor.ExpectName();
  if (cursor.At(TokenKind::kLeftBrace) && cursor.Peek(1).kind == TokenKind::kRightBrace) {
    cursor.Advance();
    cursor.ReportExpected("a type");
    cursor.Advance();
    cursor.ExpectSemicolon();
    return either;
  }
  ParseBody(cursor, !declaration.namespace_path.empty(), [&] { ParseUnionItem(cursor, either); });
  return either;
}

EnumSyntax ParseEnum(Cursor& cursor, DeclarationSyntax& declaration) {
  const Addition addition(cursor, cursor.Here(), "`enum`");
  EnumSyntax enumeration;
  cursor.Advance();
  declaration.name = cursor.ExpectName();
  if (cursor.TakeIf(TokenKind::kColon)) enumeration.underlying = ParseType(cursor);
  ParseBody(cursor, !declaration.namespace_path.empty(),
            [&] { ParseEnumItem(cursor, enumeration); });
  return enumeration;
}

UsingSyntax ParseUsing(Cursor& cursor, DeclarationSyntax& declaration) {
  UsingSyntax external;
  cursor.Advance();
  if (cursor.TakeIf(TokenKind::kClass)) {
    external.kind = UsingSyntax::Kind::kClass;
  } else if (cursor.TakeIf(TokenKind::kStruct)) {
    external.kind = UsingSyntax::Kind::kStruct;
  }
  external.qualified_name = ParseCppName(cursor, declaration.name);
  const bool is_whole = !declaration.name.text.empty() && cursor.Expect(TokenKind::kFrom);
  if (!is_whole) {
    cursor.SkipItem();
    return external;
  }
  if (!cursor.At(TokenKind::kString)) {
    cursor.ReportExpected(Describe(TokenKind::kString));
    cursor.SkipItem();
    return external;
  }
  external.header = UnquotedText(cursor);
  cursor.Advance();
  cursor.ExpectSemicolon();
  return external;
}

ConstantSyntax ParseConstant(Cursor& cursor, DeclarationSyntax& declaration) {
  const Addition addition(cursor, cursor.Here(), "`const`");
  ConstantSyntax constant;
  cursor.Advance();
  constant.type = ParseType(cursor);
  declaration.name = cursor.ExpectName();
  const bool has_value = !declaration.name.text.empty() && cursor.Expect(TokenKind::kEquals);
  const std::optional<ValueSyntax> value = has_value ? ParseValue(cursor) : std::nullopt;
  if (!value) {
    constant.value.what = Name{"", cursor.Behind()};
    constant.value.span = cursor.Behind();
    cursor.SkipItem();
    return constant;
  }
  constant.value = *value;
  cursor.ExpectSemicolon();
  return constant;
}

}  // namespace batonc
