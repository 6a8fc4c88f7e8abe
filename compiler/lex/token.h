// The pieces that the lexer cuts a file into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/source_file.h"

namespace batonc {

enum class TokenKind : std::uint8_t {
#define TOKEN(Name, spelling) k##Name,
#include "compiler/lex/tokens.def"
};

inline constexpr std::string_view kSpellings[] = {
#define TOKEN(Name, spelling) spelling,
#include "compiler/lex/tokens.def"
};

// For messages: "expected `;`, found a name".
constexpr std::string_view Describe(TokenKind kind) {
  return kSpellings[static_cast<std::size_t>(kind)];
}

constexpr std::optional<TokenKind> KeywordFrom(std::string_view word) {
#define KEYWORD(Name, spelling) \
  if (word == spelling) return TokenKind::k##Name;
#include "compiler/lex/tokens.def"
  return std::nullopt;
}

constexpr bool IsKeyword(TokenKind kind) {
  return kind >= TokenKind::kAsync && kind <= TokenKind::kUsing;
}

struct Token {
  static constexpr std::uint32_t kNoDoc = 0xffffffff;

  TokenKind kind = TokenKind::kEndOfFile;
  bool starts_line = false;  // nothing but space and comments before it on its line
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t doc = kNoDoc;  // index into TokenBuffer::docs: the doc comment right before it
};

// Consecutive `///` lines.
struct DocComment {
  Span span;
  std::vector<std::string> lines;
};

// The tokens of one file; the last is always kEndOfFile. Refers to the SourceFile it came from.
struct TokenBuffer {
  const SourceFile* source = nullptr;
  std::vector<Token> tokens;
  std::vector<DocComment> docs;

  Span SpanOf(const Token& token) const { return {source->id(), token.begin, token.end}; }
  std::string_view TextOf(const Token& token) const {
    return source->text().substr(token.begin, token.end - token.begin);
  }
};

}  // namespace batonc
