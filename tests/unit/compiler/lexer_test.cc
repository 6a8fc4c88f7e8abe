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

TEST_CASE("lexer: numbers with a fraction or an exponent") {
  CHECK(RealFrom("0.5").value == 0.5);
  CHECK(RealFrom("3.25").value == 3.25);
  CHECK(RealFrom("1e-3").value == 1e-3);
  CHECK(RealFrom("2.5E+10").value == 2.5e10);
  CHECK(RealFrom("99999999999999999999.5").value == 99999999999999999999.5);
  CHECK(RealFrom("1e999").error == std::errc::result_out_of_range);
  for (const char* text : {"", ".5", "1.", "00.5", "1e", "1.2.3", "1.5x", "0x1.5"}) {
    INFO(text);
    CHECK(RealFrom(text).error == std::errc::invalid_argument);
  }
}

TEST_CASE("lexer: durations have one of four units") {
  for (const char* text : {"250ms", "1s", "30us", "2min"}) {
    INFO(text);
    CHECK(DurationFrom(text).has_value());
  }
  CHECK(DurationFrom("250ms")->digits == "250");
  CHECK(DurationFrom("250ms")->unit == "ms");
  for (const char* text : {"", "ms", "250", "250 ms", "1.5s", "3h", "0x5s", "1sec"}) {
    INFO(text);
    CHECK_FALSE(DurationFrom(text).has_value());
  }
}

TEST_CASE("lexer: each number is one token of its kind") {
  const Lexed lexed("1 0x1e 0.5 1e-3 250ms -2 1.2.3 3h 1e-x a.5");
  std::vector<TokenKind> kinds;
  for (const Token& token : lexed.tokens.tokens) kinds.push_back(token.kind);
  CHECK(lexed.Texts() == Strings{"1", "0x1e", "0.5", "1e-3", "250ms", "-", "2", "1.2.3", "3h", "1e",
                                 "-", "x", "a", "5", ""});
  CHECK(kinds == std::vector<TokenKind>{TokenKind::kInteger, TokenKind::kInteger, TokenKind::kReal,
                                        TokenKind::kReal, TokenKind::kDuration, TokenKind::kMinus,
                                        TokenKind::kInteger, TokenKind::kReal, TokenKind::kInteger,
                                        TokenKind::kReal, TokenKind::kMinus, TokenKind::kIdentifier,
                                        TokenKind::kIdentifier, TokenKind::kInteger,
                                        TokenKind::kEndOfFile});
  CHECK(lexed.Problems() == std::vector<int>{104, 104, 104, 101});
}

TEST_CASE("lexer: NUL bytes and broken UTF-8 are told with their place") {
  const Lexed lexed(std::string("ab\0c \xff\xfe d", 9));
  const std::vector<Diagnostic> problems = lexed.diagnostics.Sorted();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].number == 101);
  CHECK(problems[0].span == Span{FileId{0}, 2, 3});
  CHECK(problems[1].span == Span{FileId{0}, 5, 7});
  CHECK(lexed.Texts() == Strings{"ab", "c", "d", ""});
}

}  // namespace
}  // namespace batonc
