#include "compiler/parse/cursor.h"

#include <algorithm>

#include "compiler/diag/problems.h"
#include "compiler/parse/parser.h"

namespace batonc {

Cursor::Cursor(const TokenBuffer& tokens, Diagnostics& diagnostics)
    : tokens_(tokens),
      diagnostics_(diagnostics),
      dialect_(DialectOf(tokens.source->path())),
      used_docs_(tokens.docs.size()) {}

const Token& Cursor::Peek(std::size_t ahead) const {
  return tokens_.tokens[std::min(at_ + ahead, tokens_.tokens.size() - 1)];
}

Span Cursor::Behind() const {
  const std::uint32_t end = at_ == 0 ? 0 : tokens_.tokens[at_ - 1].end;
  return {tokens_.source->id(), end, end};
}

Span Cursor::Since(Span begin) const {
  return {begin.file, begin.begin, std::max(Behind().end, begin.begin)};
}

bool Cursor::AtWord(std::string_view word, std::size_t ahead) const {
  return Peek(ahead).kind == TokenKind::kIdentifier && Text(ahead) == word;
}

void Cursor::Advance() {
  if (at_ + 1 < tokens_.tokens.size()) ++at_;
}

bool Cursor::TakeIf(TokenKind kind) {
  if (!At(kind)) return false;
  Advance();
  return true;
}

bool Cursor::Expect(TokenKind kind) {
  if (TakeIf(kind)) return true;
  ReportExpected(Describe(kind));
  return false;
}

// What is written behind a string that does not end becomes a part of it.
bool Cursor::IsBehindOpenString() const {
  if (at_ == 0 || tokens_.tokens[at_ - 1].kind != TokenKind::kString) return false;
  const std::string_view text = tokens_.TextOf(tokens_.tokens[at_ - 1]);
  return text.size() < 2 || !text.ends_with('"');
}

void Cursor::ExpectSemicolon() {
  if (TakeIf(TokenKind::kSemicolon)) return;
  const bool goes_on =
      !Peek().starts_line && !At(TokenKind::kRightBrace) && !At(TokenKind::kEndOfFile);
  if (goes_on) {
    ReportExpected(Describe(TokenKind::kSemicolon));
    SkipItem();
    return;
  }
  if (last_complaint_ != at_) {
    last_complaint_ = at_;
    Diagnostic& problem =
        diagnostics_.Report(kExpected, Behind(), Describe(TokenKind::kSemicolon), Found());
    if (!IsBehindOpenString()) problem.Suggest(Behind(), ";");
  }
}

void Cursor::ReportExpected(std::string_view what) {
  if (last_complaint_ == at_) return;
  last_complaint_ = at_;
  diagnostics_.Report(kExpected, Here(), what, Found());
}

void Cursor::ReportAddition(Span span, std::string_view what) {
  if (dialect_ == Dialect::kIpdl && !in_addition_) diagnostics_.Report(kAddition, span, what);
}

Name Cursor::ExpectName() {
  const bool is_reserved = IsKeyword(Peek().kind);
  const bool is_word_too_many =
      is_reserved && Peek(1).kind == TokenKind::kIdentifier && !Peek(1).starts_line;
  if (is_word_too_many) {
    ReportExpected(Describe(TokenKind::kIdentifier));
    Advance();
  } else if (is_reserved) {
    diagnostics_.Report(kReservedWord, Here(), Text());
  } else if (!At(TokenKind::kIdentifier)) {
    ReportExpected(Describe(TokenKind::kIdentifier));
    return {"", Here()};
  }
  Name name{std::string(Text()), Here()};
  Advance();
  return name;
}

Doc Cursor::TakeDoc() {
  const std::uint32_t doc = Peek().doc;
  if (doc == Token::kNoDoc) return {};
  used_docs_[doc] = true;
  return tokens_.docs[doc].lines;
}

std::vector<Span> Cursor::UnusedDocs() const {
  std::vector<Span> unused;
  for (std::size_t i = 0; i < used_docs_.size(); ++i) {
    if (!used_docs_[i]) unused.push_back(tokens_.docs[i].span);
  }
  return unused;
}

bool Cursor::AtFreshDeclaration() const {
  return Peek().starts_line && (AtDeclarationWord(0) || AtAttributesOfDeclaration());
}

// Words of ours are names elsewhere: those behind them tell.
bool Cursor::AtDeclarationWord(std::size_t ahead) const {
  const auto kind = [&](std::size_t further) { return Peek(ahead + further).kind; };
  switch (kind(0)) {
    case TokenKind::kStruct:
    case TokenKind::kUnion:
    case TokenKind::kProtocol:
    case TokenKind::kNamespace:
    case TokenKind::kInclude:
    case TokenKind::kUsing: return true;
    case TokenKind::kAsync:
    case TokenKind::kSync: return kind(1) == TokenKind::kProtocol;
    case TokenKind::kIdentifier: break;
    default: return false;
  }
  if (AtWord("resource", ahead)) {
    return kind(1) == TokenKind::kStruct || kind(1) == TokenKind::kUnion;
  }
  if (kind(1) != TokenKind::kIdentifier) return false;
  if (AtWord("enum", ahead)) {
    return kind(2) == TokenKind::kLeftBrace || kind(2) == TokenKind::kColon;
  }
  return AtWord("const", ahead) && kind(2) == TokenKind::kIdentifier &&
         kind(3) == TokenKind::kEquals;
}

bool Cursor::AtAttributesOfDeclaration() const {
  constexpr std::size_t kFarEnough = 40;  // tokens; longer lists are not looked through
  if (!At(TokenKind::kLeftBracket)) return false;
  std::size_t ahead = 1;
  while (ahead < kFarEnough && Peek(ahead).kind != TokenKind::kRightBracket &&
         Peek(ahead).kind != TokenKind::kSemicolon) {
    ++ahead;
  }
  return Peek(ahead).kind == TokenKind::kRightBracket && AtDeclarationWord(ahead + 1);
}

void Cursor::SkipTo(std::initializer_list<TokenKind> kinds) {
  int depth = 0;
  for (; !At(TokenKind::kEndOfFile); Advance()) {
    if (depth == 0 && (At(TokenKind::kRightBrace) || std::ranges::count(kinds, Peek().kind) > 0)) {
      return;
    }
    if (At(TokenKind::kLeftBrace)) ++depth;
    if (At(TokenKind::kRightBrace)) --depth;
  }
}

void Cursor::SkipItem() {
  const std::size_t begin = at_;
  for (int depth = 0; !At(TokenKind::kEndOfFile); Advance()) {
    if (depth == 0 && At(TokenKind::kRightBrace)) return;
    if (at_ != begin && AtFreshDeclaration()) return;
    if (depth == 0 && TakeIf(TokenKind::kSemicolon)) return;
    if (At(TokenKind::kLeftBrace)) ++depth;
    if (At(TokenKind::kRightBrace)) --depth;
  }
}

std::string Cursor::Found() const {
  switch (Peek().kind) {
    case TokenKind::kEndOfFile:
    case TokenKind::kString: return std::string(Describe(Peek().kind));
    default: return "`" + std::string(Text()) + "`";
  }
}

Addition::Addition(Cursor& cursor, Span span, std::string_view what)
    : cursor_(cursor), was_in_addition_(cursor.in_addition_) {
  cursor.ReportAddition(span, what);
  cursor.in_addition_ = true;
}

}  // namespace batonc
