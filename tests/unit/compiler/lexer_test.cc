#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/lex/lexer.h"

namespace batonc {
namespace {

struct Lexed {
  explicit Lexed(std::string text) : source(FileId{0}, "test.idl", std::move(text)) {
    tokens = Lex(source, diagnostics);
  }

  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const Token& token : tokens.tokens) texts.emplace_back(tokens.TextOf(token));
    return texts;
  }
  std::vector<int> Problems() const {
    std::vector<int> numbers;
    for (const Diagnostic& one : diagnostics.Sorted()) numbers.push_back(one.number);
    return numbers;
  }

  SourceFile source;
  Diagnostics diagnostics;
  TokenBuffer tokens;
};

using Strings = std::vector<std::string>;

TEST_CASE("lexer: cuts text into tokens and drops space and comments") {
  const Lexed lexed("struct/* x\n */A{uint8[]? b=-0x1F;}; // end\n\"a b\" a::b");
  CHECK(lexed.Texts() == Strings{"struct", "A", "{", "uint8", "[", "]", "?", "b", "=", "-", "0x1F",
                                 ";", "}", ";", "\"a b\"", "a", "::", "b", ""});
  CHECK(lexed.Problems().empty());
}

TEST_CASE("lexer: an empty file is its end") {
  const Lexed lexed("");
  REQUIRE(lexed.tokens.tokens.size() == 1);
  CHECK(lexed.tokens.tokens[0].kind == TokenKind::kEndOfFile);
}

TEST_CASE("lexer: a byte order mark is no character of the file") {
  const Lexed lexed("\xef\xbb\xbfstruct");
  CHECK(lexed.Texts() == Strings{"struct", ""});
  CHECK(lexed.Problems().empty());
}

TEST_CASE("lexer: words of the language are not names") {
  const Lexed lexed("protocol protocols Parent parent enum");
  std::vector<TokenKind> kinds;
  for (const Token& token : lexed.tokens.tokens) kinds.push_back(token.kind);
  CHECK(kinds == std::vector<TokenKind>{TokenKind::kProtocol, TokenKind::kIdentifier,
                                        TokenKind::kIdentifier, TokenKind::kParent,
                                        TokenKind::kIdentifier, TokenKind::kEndOfFile});
}

TEST_CASE("lexer: doc comments stay with the token behind them") {
  const Lexed lexed("/// One.\n///   Two.  \r\n///\n//// Ruler.\n// Remark.\nA ///Three\nB");
  REQUIRE(lexed.tokens.docs.size() == 2);
  CHECK(lexed.tokens.docs[0].lines == Strings{"One.", "  Two.", ""});
  CHECK(lexed.tokens.docs[1].lines == Strings{"Three"});
  CHECK(lexed.tokens.tokens[0].doc == 0);
  CHECK(lexed.tokens.tokens[1].doc == 1);
  CHECK(lexed.tokens.tokens[2].doc == Token::kNoDoc);
}

TEST_CASE("lexer: knows what begins a line") {
  const Lexed lexed("a b\n /* c */ d /* e\n */ f");
  std::vector<bool> starts;
  for (const Token& token : lexed.tokens.tokens) starts.push_back(token.starts_line);
  CHECK(starts == std::vector<bool>{true, false, true, true, false});
}

TEST_CASE("lexer: what is no token is skipped, and told once per run of characters") {
  const Lexed lexed("a @@#\xff$ b % c");
  CHECK(lexed.Texts() == Strings{"a", "b", "c", ""});
  CHECK(lexed.Problems() == std::vector<int>{101, 101});
}

TEST_CASE("lexer: a string ends with its line, a comment with the file") {
  CHECK(Lexed("\"abc\nd").Problems() == std::vector<int>{102});
  CHECK(Lexed("\"").Problems() == std::vector<int>{102});
  CHECK(Lexed("a /* b").Problems() == std::vector<int>{103});
  CHECK(Lexed("/*/").Problems() == std::vector<int>{103});
}

TEST_CASE("lexer: numbers") {
  CHECK(NumberFrom("0").value == 0);
  CHECK(NumberFrom("18446744073709551615").value == 0xffffffffffffffff);
  CHECK(NumberFrom("0xffffffffffffffff").value == 0xffffffffffffffff);
  CHECK(NumberFrom("0x0010").value == 16);
  CHECK(NumberFrom("18446744073709551616").error == std::errc::result_out_of_range);
  for (const char* text : {"", "01", "1x", "0x", "0xg", "1_000"}) {
    INFO(text);
    CHECK(NumberFrom(text).error == std::errc::invalid_argument);
  }
}

}  // namespace
}  // namespace batonc
