#include "compiler/format/format.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "compiler/format/layout.h"
#include "compiler/format/pieces.h"
#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc {
namespace {

using Kind = TokenKind;

enum class Body { kFile, kNamespace, kMembers, kEnumerators, kProtocol };

// Walks over the pieces of a file without errors, statement by statement.
class Formatter {
 public:
  explicit Formatter(std::vector<Piece> pieces);

  std::string Run();

 private:
  bool AtEnd(std::size_t at) const { return at >= pieces_.size(); }
  bool IsAt(std::size_t at, Kind kind) const { return !AtEnd(at) && pieces_[at].IsToken(kind); }
  // `at` itself if it is a token.
  std::size_t NextToken(std::size_t at) const {
    return at < next_tokens_.size() ? next_tokens_[at] : pieces_.size();
  }
  bool IsCommentAlone(std::size_t at) const;
  bool IsLabel(std::size_t at) const;
  std::size_t IndentOf(std::size_t at) const;
  std::size_t EndOfStatement(std::size_t begin) const;
  std::size_t EndOfBody(std::size_t brace) const;
  std::size_t WithTrailingComments(std::size_t end) const;
  std::size_t FirstOfLastLine(std::size_t begin, std::size_t brace) const;
  bool StandsOnOneLine(std::size_t begin, std::size_t brace) const;
  Body BodyBehind(std::size_t begin, std::size_t brace) const;
  void PrintStatement();
  void Print(std::size_t end);

  std::vector<Piece> pieces_;
  std::vector<std::size_t> next_tokens_;  // by piece: comments can be many
  std::vector<Body> open_ = {Body::kFile};
  std::size_t at_ = 0;
  bool begins_body_ = true;
  std::string out_;
};

Formatter::Formatter(std::vector<Piece> pieces)
    : pieces_(std::move(pieces)), next_tokens_(pieces_.size()) {
  std::size_t next = pieces_.size();
  for (std::size_t at = pieces_.size(); at-- > 0;) {
    if (!pieces_[at].IsComment()) next = at;
    next_tokens_[at] = next;
  }
}

std::string Formatter::Run() {
  while (!AtEnd(at_)) PrintStatement();
  return std::move(out_);
}

// A comment with its line, or its lines, to itself.
bool Formatter::IsCommentAlone(std::size_t at) const {
  if (!pieces_[at].IsComment()) return false;
  return pieces_[at].kind == Piece::Kind::kLineComment || AtEnd(at + 1) ||
         pieces_[at + 1].newlines_before > 0;
}

bool Formatter::IsLabel(std::size_t at) const {
  const bool is_word = IsAt(at, Kind::kParent) || IsAt(at, Kind::kChild) || IsAt(at, Kind::kBoth);
  return is_word && IsAt(NextToken(at + 1), Kind::kColon);
}

// Comments stand like what follows them, but in a body never like its end.
std::size_t Formatter::IndentOf(std::size_t at) const {
  const bool is_outside = open_.back() == Body::kFile || open_.back() == Body::kNamespace;
  if (is_outside || IsAt(at, Kind::kRightBrace)) return 0;
  return open_.back() == Body::kProtocol && IsLabel(NextToken(at)) ? 1 : 2;
}

// Behind the token that ends the statement at `begin`: its `;`, its `{`, the `:` of a label, the
// `,` of an enumerator.
std::size_t Formatter::EndOfStatement(std::size_t begin) const {
  const std::size_t first = NextToken(begin);
  if (IsLabel(first)) return NextToken(first + 1) + 1;
  if (IsAt(first, Kind::kRightBrace)) {
    const std::size_t next = NextToken(first + 1);
    return open_.back() != Body::kNamespace && IsAt(next, Kind::kSemicolon) ? next + 1 : first + 1;
  }
  bool in_attributes = false;
  for (std::size_t at = first; !AtEnd(at); ++at) {
    const bool is_enumerator = open_.back() == Body::kEnumerators;
    if (IsAt(at, Kind::kLeftBracket)) in_attributes = true;
    if (IsAt(at, Kind::kRightBracket)) in_attributes = false;
    if (IsAt(at, Kind::kSemicolon) || IsAt(at, Kind::kLeftBrace)) return at + 1;
    if (is_enumerator && IsAt(at, Kind::kComma) && !in_attributes) return at + 1;
    if (is_enumerator && IsAt(NextToken(at + 1), Kind::kRightBrace)) return at + 1;
  }
  return pieces_.size();
}

// Behind the `;` that follows the body's `}`.
std::size_t Formatter::EndOfBody(std::size_t brace) const {
  std::size_t at = brace;
  while (!AtEnd(at) && !IsAt(at, Kind::kRightBrace)) ++at;
  return std::min(NextToken(at + 1) + 1, pieces_.size());
}

std::size_t Formatter::WithTrailingComments(std::size_t end) const {
  while (!AtEnd(end) && pieces_[end].newlines_before == 0 && IsCommentAlone(end)) ++end;
  return end;
}

// A body that was written on one line stays there if there is room.
bool Formatter::StandsOnOneLine(std::size_t begin, std::size_t brace) const {
  const std::size_t end = EndOfBody(brace);
  for (std::size_t at = brace + 1; at < end; ++at) {
    const Piece& piece = pieces_[at];
    if (piece.kind == Piece::Kind::kLineComment || piece.newlines_before > 0 ||
        piece.text.find('\n') != std::string::npos) {
      return false;
    }
  }
  const std::size_t first = FirstOfLastLine(begin, brace);
  return FitsOnOneLine(std::span(pieces_).subspan(first, end - first), 0);
}

// Attributes and comments in front may stand on lines of their own: behind them.
std::size_t Formatter::FirstOfLastLine(std::size_t begin, std::size_t brace) const {
  std::size_t first = begin;
  bool in_attributes = IsAt(begin, Kind::kLeftBracket);
  for (std::size_t at = begin + 1; at < brace; ++at) {
    const Piece& before = pieces_[at - 1];
    if (!before.IsComment() && !in_attributes) break;
    if (before.IsToken(Kind::kRightBracket)) in_attributes = false;
    if (IsAt(at, Kind::kLeftBracket)) in_attributes = true;
    const bool is_new_line = pieces_[at].newlines_before > 0 && !in_attributes;
    if (is_new_line || before.text.find('\n') != std::string::npos) first = at;
  }
  return first;
}

Body Formatter::BodyBehind(std::size_t begin, std::size_t brace) const {
  for (std::size_t at = begin; at < brace; ++at) {
    if (IsAt(at, Kind::kNamespace)) return Body::kNamespace;
    if (IsAt(at, Kind::kProtocol)) return Body::kProtocol;
    if (IsAt(at, Kind::kStruct) || IsAt(at, Kind::kUnion)) return Body::kMembers;
  }
  return Body::kEnumerators;
}

void Formatter::PrintStatement() {
  if (IsCommentAlone(at_)) return Print(at_ + 1);
  const std::size_t begin = at_;
  const std::size_t end = EndOfStatement(begin);
  if (IsAt(NextToken(begin), Kind::kRightBrace)) {
    if (open_.back() != Body::kNamespace) begins_body_ = true;  // no empty line before it
    Print(WithTrailingComments(end));
    if (open_.size() > 1) open_.pop_back();
    return;
  }
  if (!IsAt(end - 1, Kind::kLeftBrace)) return Print(WithTrailingComments(end));

  const Body body = BodyBehind(begin, end - 1);
  const bool may_stand_on_one_line = body == Body::kMembers || body == Body::kEnumerators;
  if (may_stand_on_one_line && StandsOnOneLine(begin, end - 1)) {
    return Print(WithTrailingComments(EndOfBody(end - 1)));
  }
  Print(WithTrailingComments(end));
  open_.push_back(body);
  begins_body_ = body != Body::kNamespace;
}

// The pieces from here to `end` are one statement.
void Formatter::Print(std::size_t end) {
  const bool has_gap = pieces_[at_].newlines_before > 1 && !begins_body_ && !out_.empty();
  if (has_gap) out_ += '\n';
  begins_body_ = false;
  out_ += Layout(std::span(pieces_).subspan(at_, end - at_), IndentOf(at_));
  at_ = end;
}

}  // namespace

std::optional<std::string> FormatSource(const SourceFile& source, Diagnostics& diagnostics) {
  const TokenBuffer tokens = Lex(source, diagnostics);
  Parse(tokens, diagnostics);
  if (diagnostics.HasErrorsIn(source.id())) return std::nullopt;
  return Formatter(CutIntoPieces(tokens)).Run();
}

}  // namespace batonc
