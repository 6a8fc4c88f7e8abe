#include "compiler/lex/lexer.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "compiler/diag/displayed_text.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool ContinuesName(char c) {
  return StartsName(c) || IsDigit(c);
}

std::optional<TokenKind> PunctuationFrom(std::string_view text) {
#define PUNCTUATION(Name, spelling) \
  if (text.starts_with(spelling)) return TokenKind::k##Name;
#include "compiler/lex/tokens.def"
  return std::nullopt;
}

struct NumberToken {
  TokenKind kind = TokenKind::kInteger;
  std::errc error{};
};

NumberToken NumberTokenFrom(std::string_view word) {
  if (const auto duration = DurationFrom(word)) {
    return {TokenKind::kDuration, NumberFrom(duration->digits).error};
  }
  const bool is_hex = word.starts_with("0x") || word.starts_with("0X");
  if (!is_hex && word.find_first_of(".eE") != word.npos) {
    return {TokenKind::kReal, RealFrom(word).error};
  }
  return {TokenKind::kInteger, NumberFrom(word).error};
}

class Lexer {
 public:
  Lexer(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), text_(source.text()), diagnostics_(diagnostics) {
    buffer_.source = &source;
  }

  TokenBuffer Run() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    while (at_ < text_.size()) LexOne();
    Push(TokenKind::kEndOfFile, at_);
    return std::move(buffer_);
  }

 private:
  char Peek(std::uint32_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::string_view Rest() const { return text_.substr(at_); }
  Span From(std::uint32_t begin) const { return {source_.id(), begin, at_}; }

  void Push(TokenKind kind, std::uint32_t begin) {
    buffer_.tokens.push_back({kind, starts_line_, begin, at_, std::exchange(doc_, Token::kNoDoc)});
    starts_line_ = false;
  }

  template <class Predicate>
  void SkipWhile(Predicate predicate) {
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
  }

  void LexOne() {
    const char c = Peek();
    if (IsSpace(c)) {
      starts_line_ = starts_line_ || c == '\n';
      ++at_;
    } else if (Rest().starts_with("//")) {
      LexLineComment();
    } else if (Rest().starts_with("/*")) {
      SkipBlockComment();
    } else if (StartsName(c)) {
      LexWord();
    } else if (IsDigit(c)) {
      LexNumber();
    } else if (c == '"') {
      LexString();
    } else if (const auto kind = PunctuationFrom(Rest())) {
      const std::uint32_t begin = at_;
      at_ += *kind == TokenKind::kColonColon ? 2 : 1;
      Push(*kind, begin);
    } else if (c == '#' && starts_line_) {
      SkipDirective();
    } else {
      SkipStray();
    }
  }

  // Four slashes and more are a ruler, not documentation.
  void LexLineComment() {
    const std::uint32_t begin = at_;
    SkipWhile([](char c) { return c != '\n'; });
    CheckText(begin);
    std::string_view line = text_.substr(begin, at_ - begin);
    if (!line.starts_with("///") || line.starts_with("////")) return;
    line.remove_prefix(3);
    if (line.starts_with(' ')) line.remove_prefix(1);
    while (!line.empty() && IsSpace(line.back())) line.remove_suffix(1);
    if (doc_ == Token::kNoDoc) {
      doc_ = static_cast<std::uint32_t>(buffer_.docs.size());
      buffer_.docs.push_back({From(begin), {}});
    }
    buffer_.docs.back().span.end = at_;
    buffer_.docs.back().lines.emplace_back(line);
  }

  void SkipBlockComment() {
    const std::uint32_t begin = at_;
    const std::size_t close = text_.find("*/", at_ + 2);
    if (close == text_.npos) {
      at_ += 2;
      diagnostics_.Report(kUnterminatedComment, From(begin));
      at_ = static_cast<std::uint32_t>(text_.size());
      return;
    }
    at_ = static_cast<std::uint32_t>(close + 2);
    CheckText(begin);
    starts_line_ =
        starts_line_ || text_.substr(begin, at_ - begin).find('\n') != std::string_view::npos;
  }

  void LexWord() {
    const std::uint32_t begin = at_;
    SkipWhile(ContinuesName);
    Push(KeywordFrom(text_.substr(begin, at_ - begin)).value_or(TokenKind::kIdentifier), begin);
  }

  // Wrong numbers are tokens all the same: what follows them is probably right.
  void LexNumber() {
    const std::uint32_t begin = at_;
    SkipNumber();
    const std::string_view word = text_.substr(begin, at_ - begin);
    const NumberToken number = NumberTokenFrom(word);
    if (number.error == std::errc::result_out_of_range) {
      diagnostics_.Report(kNumberTooLarge, From(begin), word);
    } else if (number.error != std::errc()) {
      diagnostics_.Report(kMalformedNumber, From(begin), word);
    }
    Push(number.kind, begin);
  }

  // Letters as well: `12abc` is one mistake, not two tokens.
  void SkipNumber() {
    const bool is_hex = Rest().starts_with("0x") || Rest().starts_with("0X");
    while (at_ < text_.size()) {
      const bool is_exponent = !is_hex && (Peek() == 'e' || Peek() == 'E');
      const bool is_fraction = Peek() == '.' && IsDigit(Peek(1));
      if (!ContinuesName(Peek()) && !is_fraction) return;
      ++at_;
      if (is_exponent && (Peek() == '-' || Peek() == '+') && IsDigit(Peek(1))) ++at_;
    }
  }

  void LexString() {
    const std::uint32_t begin = at_++;
    SkipWhile([](char c) { return c != '"' && c != '\n'; });
    if (Peek() == '"') {
      ++at_;
    } else {
      diagnostics_.Report(kUnterminatedString, From(begin));
    }
    CheckText(begin);
    Push(TokenKind::kString, begin);
  }

  // What is carried into generated files, or skipped, is text as well.
  void CheckText(std::uint32_t begin) {
    const std::size_t wrong = FirstNotUtf8(text_.substr(begin, at_ - begin));
    if (wrong == std::string_view::npos) return;
    const std::uint32_t place = begin + static_cast<std::uint32_t>(wrong);
    diagnostics_.Report(kNotUtf8, {source_.id(), place, place + 1});
  }

  // A whole line for a preprocessor; who has one is told once a file.
  void SkipDirective() {
    const std::uint32_t begin = at_;
    at_ = static_cast<std::uint32_t>(std::min(text_.find('\n', at_), text_.size()));
    if (!std::exchange(has_directives_, true)) {
      const std::string_view line = text_.substr(begin, at_ - begin);
      const std::string_view word = line.substr(0, line.find_first_of(" \t\r", 1));
      diagnostics_.Report(
          kDirective, {source_.id(), begin, begin + static_cast<std::uint32_t>(word.size())}, word);
    }
  }

  // One complaint for a run of characters that cannot start a token.
  void SkipStray() {
    const std::uint32_t begin = at_;
    do {
      ++at_;
    } while (at_ < text_.size() && !IsSpace(Peek()) && !ContinuesName(Peek()) && Peek() != '"' &&
             Peek() != '/' && !PunctuationFrom(Rest()));
    diagnostics_.Report(kStrayCharacter, From(begin), text_.substr(begin, at_ - begin));
  }

  const SourceFile& source_;
  const std::string_view text_;
  Diagnostics& diagnostics_;
  TokenBuffer buffer_;
  std::uint32_t at_ = 0;
  std::uint32_t doc_ = Token::kNoDoc;
  bool starts_line_ = true;
  bool has_directives_ = false;
};

}  // namespace

ParsedNumber NumberFrom(std::string_view word) {
  const bool is_hex = word.starts_with("0x") || word.starts_with("0X");
  const std::string_view digits = is_hex ? word.substr(2) : word;
  const bool is_octal_to_some = !is_hex && digits.size() > 1 && digits.front() == '0';
  if (digits.empty() || is_octal_to_some) return {0, std::errc::invalid_argument};
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, is_hex ? 16 : 10);
  if (stop != end) return {0, std::errc::invalid_argument};
  return {value, error};
}

ParsedReal RealFrom(std::string_view word) {
  const std::size_t digits = std::min(word.find_first_of(".eE"), word.size());
  if (NumberFrom(word.substr(0, digits)).error == std::errc::invalid_argument) {
    return {0, std::errc::invalid_argument};
  }
  const std::string_view rest = word.substr(digits);
  if (rest.starts_with('.') && (rest.size() == 1 || !IsDigit(rest[1]))) {
    return {0, std::errc::invalid_argument};
  }
  double value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (stop != end) return {0, std::errc::invalid_argument};
  return {error == std::errc() ? value : 0, error};
}

std::optional<DurationParts> DurationFrom(std::string_view word) {
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::string_view unit = word.substr(digits);
  if (digits == 0 || (unit != "us" && unit != "ms" && unit != "s" && unit != "min")) {
    return std::nullopt;
  }
  return DurationParts{word.substr(0, digits), unit};
}

TokenBuffer Lex(const SourceFile& source, Diagnostics& diagnostics) {
  return Lexer(source, diagnostics).Run();
}

}  // namespace batonc
