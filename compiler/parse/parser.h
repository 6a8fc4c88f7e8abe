// Tokens to a syntax tree.
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lex/token.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// Namespaces in namespaces, and wrappers around one type: no reader follows more on the wire.
inline constexpr int kMaxNesting = 64;

// Total: what is not understood is reported and left out, and parsing goes on behind it.
// The grammar is idl/grammar.md.
SyntaxTree Parse(const TokenBuffer& tokens, Diagnostics& diagnostics);

}  // namespace batonc
