// One function per rule of the grammar; each is called at the first token of what it parses.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "compiler/parse/cursor.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// parse_value.cc
// A number, a string or a name; nothing where there is none of them, reported.
std::optional<ValueSyntax> ParseValue(Cursor& cursor);
// The same for a place where only whole numbers, and names that stand for them, make sense.
std::optional<ValueSyntax> ParseNumberOrName(Cursor& cursor);

// parse_attributes.cc
// None, or those of one list. Empty lists and repetitions have been reported; what an attribute
// means is for the checker.
Attributes ParseAttributes(Cursor& cursor);

// parse_type.cc
TypeSyntax ParseType(Cursor& cursor);

// parse_declaration.cc
EnumSyntax ParseEnum(Cursor& cursor, DeclarationSyntax& declaration);
StructSyntax ParseStruct(Cursor& cursor, DeclarationSyntax& declaration);
UnionSyntax ParseUnion(Cursor& cursor, DeclarationSyntax& declaration);
UsingSyntax ParseUsing(Cursor& cursor, DeclarationSyntax& declaration);
ConstantSyntax ParseConstant(Cursor& cursor, DeclarationSyntax& declaration);

// parse_field.cc
// `[attributes] type name`. False when there was no such thing, reported.
bool ParseField(Cursor& cursor, FieldSyntax& field);
// The text between the quotes; the token is a string.
std::string UnquotedText(const Cursor& cursor);
// `{` items `}` `;`, where each call of `item` takes at least one token.
void ParseBody(Cursor& cursor, bool in_namespace, const std::function<void()>& item);

// parse_protocol.cc
ProtocolSyntax ParseProtocol(Cursor& cursor, DeclarationSyntax& declaration);

}  // namespace batonc
