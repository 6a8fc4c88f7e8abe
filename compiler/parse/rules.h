// One function per rule of the grammar; each is called at the first token of what it parses.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "compiler/parse/cursor.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// parse_type.cc
TypeSyntax ParseType(Cursor& cursor);
// Says that attributes are not supported, and skips them.
void SkipAttributes(Cursor& cursor);

// parse_declaration.cc
EnumSyntax ParseEnum(Cursor& cursor, DeclarationSyntax& declaration);
StructSyntax ParseStruct(Cursor& cursor, DeclarationSyntax& declaration);
// `type name`, then what may not follow it yet. False when there was no such thing, reported.
bool ParseField(Cursor& cursor, FieldSyntax& field);
// `{` items `}` `;`, where each call of `item` takes at least one token.
void ParseBody(Cursor& cursor, bool in_namespace, const std::function<void()>& item);

// parse_protocol.cc
ProtocolSyntax ParseProtocol(Cursor& cursor, DeclarationSyntax& declaration);

}  // namespace batonc
