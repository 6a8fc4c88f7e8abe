// What the formatter moves around: the tokens of a file and the comments between them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/lex/token.h"

namespace batonc {

struct Piece {
  enum class Kind : std::uint8_t {
    kToken,
    kLineComment,   // to the end of its line; doc comments as well
    kBlockComment,  // may span lines
  };
  Kind kind = Kind::kToken;
  TokenKind token = TokenKind::kEndOfFile;  // kToken
  std::string text;
  int newlines_before = 0;  // line breaks between it and the piece before

  bool IsToken(TokenKind expected) const { return kind == Kind::kToken && token == expected; }
  bool IsComment() const { return kind != Kind::kToken; }
};

// In order, kEndOfFile left out. The file has been lexed without errors.
std::vector<Piece> CutIntoPieces(const TokenBuffer& tokens);

}  // namespace batonc
