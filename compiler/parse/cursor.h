// A place in a token buffer, and the complaints that every rule of the grammar makes from there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/lex/token.h"
#include "compiler/parse/syntax.h"

namespace batonc {

class Cursor {
 public:
  Cursor(const TokenBuffer& tokens, Diagnostics& diagnostics);

  // Beyond the end there is always another kEndOfFile.
  const Token& Peek(std::size_t ahead = 0) const;
  std::string_view Text(std::size_t ahead = 0) const { return tokens_.TextOf(Peek(ahead)); }
  Span Here() const { return tokens_.SpanOf(Peek()); }
  // The empty place right behind the last token taken.
  Span Behind() const;
  // From the first byte of `begin` to the last token taken.
  Span Since(Span begin) const;

  bool At(TokenKind kind) const { return Peek().kind == kind; }
  // At a name that means something in this place: `enum`, `const`.
  bool AtWord(std::string_view word, std::size_t ahead = 0) const;
  void Advance();
  bool TakeIf(TokenKind kind);

  // Takes it, or says that it is missing.
  bool Expect(TokenKind kind);
  // A missing `;` is complained about where it should stand, and taken as written.
  void ExpectSemicolon();
  // "expected {}, found ..." at the current token, at most once per token.
  void ReportExpected(std::string_view what);
  // "{} is a Baton addition", in IPDL's own dialect and outside another addition.
  void ReportAddition(Span span, std::string_view what);
  // A name, also when the word is reserved or behind a word that is, which is reported. Empty text:
  // there was none, reported.
  Name ExpectName();

  // The doc comment before the current token; afterwards it counts as used.
  Doc TakeDoc();
  // For the end: those that nothing took.
  std::vector<Span> UnusedDocs() const;

  // Skips to the next of these on the same level of braces, to what closes this level, or to the
  // end of the file; takes none of them.
  void SkipTo(std::initializer_list<TokenKind> kinds);
  // Behind the item that was not understood: past its `;`, or to the `}` or declaration after it.
  void SkipItem();

  bool IsBehindOpenString() const;
  // "`word`", or what kind of token it is.
  std::string Found() const;
  Diagnostics& diagnostics() { return diagnostics_; }
  Dialect dialect() const { return dialect_; }
  // True at the first token of a declaration that begins its line.
  bool AtFreshDeclaration() const;

 private:
  friend class Addition;

  bool AtAttributesOfDeclaration() const;
  bool AtDeclarationWord(std::size_t ahead) const;

  const TokenBuffer& tokens_;
  Diagnostics& diagnostics_;
  Dialect dialect_;
  bool in_addition_ = false;
  std::size_t at_ = 0;
  std::size_t last_complaint_ = static_cast<std::size_t>(-1);
  std::vector<bool> used_docs_;
};

// Lives while something is parsed that our dialect adds. It is parsed in either dialect, so that
// what follows makes sense; in IPDL's own it is reported once, as a whole.
class Addition {
 public:
  Addition(Cursor& cursor, Span span, std::string_view what);
  ~Addition() { cursor_.in_addition_ = was_in_addition_; }
  Addition(const Addition&) = delete;
  Addition& operator=(const Addition&) = delete;

 private:
  Cursor& cursor_;
  const bool was_in_addition_;
};

}  // namespace batonc
