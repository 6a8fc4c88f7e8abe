#include "compiler/format/pieces.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace batonc {
namespace {

// Block comments keep their inner lines as they are, but for the line ends of Windows.
std::string WithoutCarriageReturns(std::string_view text) {
  std::string kept(text);
  std::erase(kept, '\r');
  return kept;
}

std::string_view WithoutSpaceBehind(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r' ||
                           line.back() == '\f' || line.back() == '\v')) {
    line.remove_suffix(1);
  }
  return line;
}

class Cutter {
 public:
  std::vector<Piece> Cut(const TokenBuffer& tokens);

 private:
  void CutGap(std::string_view gap);
  void Add(Piece::Kind kind, TokenKind token, std::string text) {
    pieces_.push_back({kind, token, std::move(text), std::exchange(newlines_, 0)});
  }

  std::vector<Piece> pieces_;
  int newlines_ = 0;
};

std::vector<Piece> Cutter::Cut(const TokenBuffer& tokens) {
  const std::string_view text = tokens.source->text();
  std::uint32_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (const Token& token : tokens.tokens) {
    CutGap(text.substr(at, token.begin - at));
    at = token.end;
    if (token.kind == TokenKind::kEndOfFile) break;
    Add(Piece::Kind::kToken, token.kind, std::string(tokens.TextOf(token)));
  }
  return std::move(pieces_);
}

// Only space and comments stand between tokens.
void Cutter::CutGap(std::string_view gap) {
  while (!gap.empty()) {
    std::size_t size = 1;
    if (gap.starts_with("//")) {
      size = std::min(gap.find('\n'), gap.size());
      Add(Piece::Kind::kLineComment, {}, std::string(WithoutSpaceBehind(gap.substr(0, size))));
    } else if (gap.starts_with("/*")) {
      size = std::min(gap.find("*/", 2), gap.size() - 2) + 2;
      Add(Piece::Kind::kBlockComment, {}, WithoutCarriageReturns(gap.substr(0, size)));
    } else if (gap.front() == '\n') {
      ++newlines_;
    }
    gap.remove_prefix(size);
  }
}

}  // namespace

std::vector<Piece> CutIntoPieces(const TokenBuffer& tokens) {
  return Cutter().Cut(tokens);
}

}  // namespace batonc
