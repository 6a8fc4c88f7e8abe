#include <optional>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/parse/rules.h"

namespace batonc {
namespace {

std::optional<Direction> DirectionFrom(TokenKind label) {
  switch (label) {
    case TokenKind::kParent: return Direction::kToParent;
    case TokenKind::kChild: return Direction::kToChild;
    case TokenKind::kBoth: return Direction::kBoth;
    default: return std::nullopt;
  }
}

class ProtocolParser {
 public:
  explicit ProtocolParser(Cursor& cursor) : cursor_(cursor) {}

  void ParseItem();
  ProtocolSyntax Take() { return std::move(protocol_); }

 private:
  void ParseLabel();
  void ParseManagers();
  void ParseMessage();
  bool ParseSignature(MessageSyntax& message);
  bool ParseParameters(std::vector<FieldSyntax>& parameters);

  Cursor& cursor_;
  ProtocolSyntax protocol_;
  std::optional<Direction> direction_;
};

void ProtocolParser::ParseItem() {
  const TokenKind kind = cursor_.Peek().kind;
  if (DirectionFrom(kind) && cursor_.Peek(1).kind == TokenKind::kColon) return ParseLabel();
  if (kind == TokenKind::kManager || kind == TokenKind::kManages) return ParseManagers();
  ParseMessage();
}

void ProtocolParser::ParseLabel() {
  const Span span = cursor_.Here();
  const std::string_view word = cursor_.Text();
  direction_ = DirectionFrom(cursor_.Peek().kind);
  cursor_.Advance();
  cursor_.Advance();
  const bool another =
      DirectionFrom(cursor_.Peek().kind) && cursor_.Peek(1).kind == TokenKind::kColon;
  if (another || cursor_.At(TokenKind::kRightBrace)) {
    cursor_.diagnostics().Report(kEmptyLabel, span, word);
  }
}

void ProtocolParser::ParseManagers() {
  cursor_.ReportUnsupported(cursor_.Here(), "`" + std::string(cursor_.Text()) + "`");
  cursor_.SkipItem();
}

void ProtocolParser::ParseMessage() {
  MessageSyntax message;
  message.doc = cursor_.TakeDoc();
  message.direction = direction_;
  SkipAttributes(cursor_);
  const Span word = cursor_.Here();
  const bool has_word = cursor_.At(TokenKind::kAsync) || cursor_.At(TokenKind::kSync);
  if (cursor_.At(TokenKind::kSync)) cursor_.ReportUnsupported(word, "`sync`");
  if (has_word) {
    cursor_.Advance();
  } else if (cursor_.At(TokenKind::kIdentifier) && cursor_.Peek(1).kind == TokenKind::kLeftParen) {
    cursor_.diagnostics()
        .Report(kNoSendWord, word, cursor_.Text())
        .Suggest({word.file, word.begin, word.begin}, "async ");
  } else {
    cursor_.ReportExpected("a message");
    return cursor_.SkipItem();
  }
  message.name = cursor_.ExpectName();
  if (message.name.text.empty() || !ParseSignature(message)) return cursor_.SkipItem();
  if (message.name.text == "__delete__") {
    cursor_.ReportUnsupported(message.name.span, "`__delete__`");
  } else {
    protocol_.messages.push_back(std::move(message));
  }
  cursor_.ExpectSemicolon();
}

bool ProtocolParser::ParseSignature(MessageSyntax& message) {
  if (!ParseParameters(message.parameters)) return false;
  if (cursor_.TakeIf(TokenKind::kReturns) && !ParseParameters(message.returns.emplace())) {
    return false;
  }
  if (cursor_.AtWord("fails")) {
    cursor_.ReportUnsupported(cursor_.Here(), "`fails`");
    cursor_.SkipTo({TokenKind::kSemicolon});
  }
  return true;
}

// False when not even the closing parenthesis was found.
bool ProtocolParser::ParseParameters(std::vector<FieldSyntax>& parameters) {
  if (!cursor_.Expect(TokenKind::kLeftParen)) return false;
  if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
  do {
    FieldSyntax parameter;
    if (ParseField(cursor_, parameter)) {
      parameters.push_back(std::move(parameter));
    } else {
      cursor_.SkipTo({TokenKind::kComma, TokenKind::kRightParen, TokenKind::kSemicolon,
                      TokenKind::kAsync, TokenKind::kSync, TokenKind::kLeftBrace});
    }
  } while (cursor_.TakeIf(TokenKind::kComma));
  if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
  cursor_.ReportExpected("`,` or `)`");
  return false;
}

}  // namespace

ProtocolSyntax ParseProtocol(Cursor& cursor, DeclarationSyntax& declaration) {
  if (cursor.At(TokenKind::kSync)) cursor.ReportUnsupported(cursor.Here(), "`sync`");
  if (!cursor.At(TokenKind::kProtocol)) cursor.Advance();
  cursor.Expect(TokenKind::kProtocol);
  declaration.name = cursor.ExpectName();
  ProtocolParser parser(cursor);
  ParseBody(cursor, !declaration.namespace_path.empty(), [&] { parser.ParseItem(); });
  return parser.Take();
}

}  // namespace batonc
