// Tokens to a syntax tree.
#pragma once

#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/lex/token.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// Namespaces in namespaces, and types in one type: no reader follows more on the wire.
inline constexpr int kMaxNesting = 64;

// What the ending says: .ipdl and .ipdlh are IPDL's own dialect, all else is ours.
Dialect DialectOf(std::string_view path);

// Total: what is not understood is reported and left out, and parsing goes on behind it.
// In IPDL's own dialect, additions of ours are understood and refused. The grammar is
// idl/grammar.md.
SyntaxTree Parse(const TokenBuffer& tokens, Diagnostics& diagnostics);

}  // namespace batonc
