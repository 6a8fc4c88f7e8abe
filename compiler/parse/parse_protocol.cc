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
  bool AtLabel() const;
  void ParseLabel();
  void ParseManagers();
  void ParseManages();
  void ParseMessage();
  bool ParseWord(MessageSyntax& message);
  bool ParseSignature(MessageSyntax& message);
  bool ParseReply(MessageSyntax& message);
  bool ParseFailure(MessageSyntax& message);
  bool ParseParameters(std::vector<FieldSyntax>& parameters);
  void ParseParameter(std::vector<FieldSyntax>& parameters);
  void RefuseDefault(const Name& parameter);

  Cursor& cursor_;
  ProtocolSyntax protocol_;
  std::optional<Direction> direction_;
  bool has_messages_ = false;  // understood or not
};

bool ProtocolParser::AtLabel() const {
  return DirectionFrom(cursor_.Peek().kind) && cursor_.Peek(1).kind == TokenKind::kColon;
}

void ProtocolParser::ParseItem() {
  if (AtLabel()) return ParseLabel();
  if (cursor_.At(TokenKind::kManager)) return ParseManagers();
  if (cursor_.At(TokenKind::kManages)) return ParseManages();
  ParseMessage();
}

void ProtocolParser::ParseLabel() {
  const Span span = cursor_.Here();
  const std::string_view word = cursor_.Text();
  direction_ = DirectionFrom(cursor_.Peek().kind);
  cursor_.Advance();
  cursor_.Advance();
  const bool nothing_follows = AtLabel() || cursor_.At(TokenKind::kRightBrace) ||
                               cursor_.At(TokenKind::kManager) || cursor_.At(TokenKind::kManages);
  if (nothing_follows) cursor_.diagnostics().Report(kEmptyLabel, span, word);
}

// `manager` A `or` B `;`
void ProtocolParser::ParseManagers() {
  const char* before = nullptr;
  if (has_messages_) {
    before = "a message";
  } else if (!protocol_.manages.empty()) {
    before = "`manages`";
  } else if (!protocol_.managers.empty()) {
    before = "another `manager`; several stand in one line, with `or` between them";
  }
  if (before != nullptr) {
    cursor_.diagnostics().Report(kOutOfOrder, cursor_.Here(), cursor_.Text(), before);
  }
  cursor_.Advance();
  do {
    Name name = cursor_.ExpectName();
    if (name.text.empty()) return cursor_.SkipItem();
    protocol_.managers.push_back(std::move(name));
  } while (cursor_.TakeIf(TokenKind::kOr));
  cursor_.ExpectSemicolon();
}

void ProtocolParser::ParseManages() {
  if (has_messages_) {
    cursor_.diagnostics().Report(kOutOfOrder, cursor_.Here(), cursor_.Text(), "a message");
  }
  cursor_.Advance();
  Name name = cursor_.ExpectName();
  if (name.text.empty()) return cursor_.SkipItem();
  protocol_.manages.push_back(std::move(name));
  cursor_.ExpectSemicolon();
}

void ProtocolParser::ParseMessage() {
  MessageSyntax message;
  message.doc = cursor_.TakeDoc();
  message.attributes = ParseAttributes(cursor_);
  message.direction = direction_;
  has_messages_ = true;
  if (!ParseWord(message)) {
    cursor_.ReportExpected("a message");
    return cursor_.SkipItem();
  }
  message.name = cursor_.ExpectName();
  if (message.name.text.empty() || !ParseSignature(message)) return cursor_.SkipItem();
  protocol_.messages.push_back(std::move(message));
  cursor_.ExpectSemicolon();
}

// Without the word, what looks like a message is one.
bool ProtocolParser::ParseWord(MessageSyntax& message) {
  message.word_span = cursor_.Here();
  message.is_sync = cursor_.At(TokenKind::kSync);
  if (cursor_.TakeIf(TokenKind::kAsync) || cursor_.TakeIf(TokenKind::kSync)) return true;
  if (!cursor_.At(TokenKind::kIdentifier) || cursor_.Peek(1).kind != TokenKind::kLeftParen) {
    return false;
  }
  const Span name = cursor_.Here();
  message.word_span = {name.file, name.begin, name.begin};
  cursor_.diagnostics()
      .Report(kNoSendWord, name, cursor_.Text())
      .Suggest(message.word_span, "async ");
  return true;
}

bool ProtocolParser::ParseSignature(MessageSyntax& message) {
  if (!ParseParameters(message.parameters) || !ParseReply(message)) return false;
  return !cursor_.AtWord("fails") || ParseFailure(message);
}

bool ProtocolParser::ParseReply(MessageSyntax& message) {
  const bool is_almost = cursor_.AtWord("return") || cursor_.AtWord("Returns");
  if (is_almost && cursor_.Peek(1).kind == TokenKind::kLeftParen) {
    cursor_.diagnostics()
        .Report(kExpected, cursor_.Here(), Describe(TokenKind::kReturns), cursor_.Found())
        .Suggest(cursor_.Here(), "returns");
    cursor_.Advance();
  } else if (!cursor_.TakeIf(TokenKind::kReturns)) {
    return true;
  }
  return ParseParameters(message.returns.emplace());
}

// `fails` `(` type `)`
bool ProtocolParser::ParseFailure(MessageSyntax& message) {
  if (!message.returns) cursor_.ReportExpected("`returns (...)` before `fails`");
  const Addition addition(cursor_, cursor_.Here(), "`fails`");
  cursor_.Advance();
  if (!cursor_.Expect(TokenKind::kLeftParen)) return false;
  message.fails = ParseType(cursor_);
  return cursor_.Expect(TokenKind::kRightParen);
}

// False when not even the closing parenthesis was found.
bool ProtocolParser::ParseParameters(std::vector<FieldSyntax>& parameters) {
  if (!cursor_.Expect(TokenKind::kLeftParen)) return false;
  if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
  do {
    ParseParameter(parameters);
  } while (cursor_.TakeIf(TokenKind::kComma));
  if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
  cursor_.ReportExpected("`,` or `)`");
  return false;
}

void ProtocolParser::ParseParameter(std::vector<FieldSyntax>& parameters) {
  FieldSyntax parameter;
  if (!ParseField(cursor_, parameter)) {
    cursor_.SkipTo({TokenKind::kComma, TokenKind::kRightParen, TokenKind::kSemicolon,
                    TokenKind::kAsync, TokenKind::kSync, TokenKind::kLeftBrace});
    return;
  }
  RefuseDefault(parameter.name);
  parameters.push_back(std::move(parameter));
}

void ProtocolParser::RefuseDefault(const Name& parameter) {
  if (!cursor_.At(TokenKind::kEquals)) return;
  const Span begin = cursor_.Here();
  cursor_.Advance();
  if (ParseValue(cursor_)) {
    cursor_.diagnostics().Report(kParameterDefault, cursor_.Since(begin), parameter.text);
    return;
  }
  cursor_.SkipTo({TokenKind::kSemicolon, TokenKind::kComma, TokenKind::kRightParen});
}

}  // namespace

ProtocolSyntax ParseProtocol(Cursor& cursor, DeclarationSyntax& declaration) {
  const Span word = cursor.Here();
  std::optional<bool> is_sync;
  if (!cursor.At(TokenKind::kProtocol)) {
    is_sync = cursor.At(TokenKind::kSync);
    cursor.Advance();
  }
  const bool is_told_twice = cursor.At(TokenKind::kAsync) || cursor.At(TokenKind::kSync);
  cursor.Expect(TokenKind::kProtocol);
  if (is_told_twice) {
    cursor.Advance();
    cursor.TakeIf(TokenKind::kProtocol);
  }
  declaration.name = cursor.ExpectName();
  ProtocolParser parser(cursor);
  ParseBody(cursor, !declaration.namespace_path.empty(), [&] { parser.ParseItem(); });
  ProtocolSyntax protocol = parser.Take();
  protocol.is_sync = is_sync;
  protocol.word_span = word;
  return protocol;
}

}  // namespace batonc
