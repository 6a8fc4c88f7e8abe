#include "compiler/format/layout.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace batonc {
namespace {

using Kind = TokenKind;

// How a piece stands to the one before it.
struct Joint {
  std::size_t spaces = 0;
  bool may_break = false;
  bool must_break = false;
  bool is_base = false;  // a break here begins no continuation: only attributes stand before it
};

// Columns, not bytes.
std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string_view LastLineOf(std::string_view text) {
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
}

// Goes through the pieces of a statement and finds each joint.
class JointFinder {
 public:
  explicit JointFinder(std::span<const Piece> pieces) : pieces_(pieces) {}

  std::vector<Joint> Find();

 private:
  Joint JointBefore(std::size_t index) const;
  bool NeedsSpace(const Piece& piece) const;
  bool NeedsSpaceBetween(Kind before, Kind piece) const;
  bool BeginsAttributes(const Piece& piece) const;
  bool IsReplyWordBehind() const;
  void Pass(const Piece& piece);

  std::span<const Piece> pieces_;
  const Piece* last_ = nullptr;          // the piece before
  const Piece* last_token_ = nullptr;    // the token before
  const Piece* last_but_one_ = nullptr;  // the token before that
  bool in_attributes_ = false;
  bool is_reply_paren_ = false;  // of the last `(`
  bool in_front_ = true;         // nothing but comments and attributes so far
  int angles_ = 0;
};

std::vector<Joint> JointFinder::Find() {
  std::vector<Joint> joints;
  joints.reserve(pieces_.size());
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    joints.push_back(i == 0 ? Joint{} : JointBefore(i));
    Pass(pieces_[i]);
  }
  return joints;
}

Joint JointFinder::JointBefore(std::size_t index) const {
  const Piece& piece = pieces_[index];
  Joint joint;
  joint.is_base = in_front_ && !in_attributes_;
  joint.must_break = last_->kind == Piece::Kind::kLineComment ||
                     ((piece.IsComment() || last_->IsComment()) && piece.newlines_before > 0);
  joint.spaces = NeedsSpace(piece) ? 1 : 0;
  if (piece.kind == Piece::Kind::kLineComment) joint.spaces = 2;
  if (last_token_ == nullptr || piece.IsComment()) return joint;
  const bool is_message_paren = last_->IsToken(Kind::kLeftParen) && !is_reply_paren_;
  joint.may_break = (last_->IsToken(Kind::kComma) && angles_ == 0) || is_message_paren ||
                    piece.IsToken(Kind::kReturns) ||
                    (piece.text == "fails" && last_token_->IsToken(Kind::kRightParen));
  return joint;
}

// The token before is `returns`, or `fails` where it is not the name of a message.
bool JointFinder::IsReplyWordBehind() const {
  if (last_token_ == nullptr || last_token_->IsToken(Kind::kReturns)) return last_token_ != nullptr;
  return last_token_->text == "fails" && last_but_one_ != nullptr &&
         last_but_one_->IsToken(Kind::kRightParen);
}

bool JointFinder::BeginsAttributes(const Piece& piece) const {
  if (!piece.IsToken(Kind::kLeftBracket)) return false;
  if (last_token_ == nullptr) return true;
  switch (last_token_->token) {
    case Kind::kLeftParen:
    case Kind::kComma:
    case Kind::kLeftBrace:
    case Kind::kSemicolon: return true;
    default: return false;
  }
}

bool JointFinder::NeedsSpace(const Piece& piece) const {
  const bool opens = last_->IsToken(Kind::kLeftParen) || last_->IsToken(Kind::kLeftBracket) ||
                     last_->IsToken(Kind::kLeftAngle) || last_->IsToken(Kind::kColonColon) ||
                     last_->IsToken(Kind::kMinus);
  if (opens) return false;
  if (piece.IsComment() || last_token_ == nullptr) return true;
  return NeedsSpaceBetween(last_token_->token, piece.token) || BeginsAttributes(piece);
}

bool JointFinder::NeedsSpaceBetween(Kind before, Kind piece) const {
  switch (piece) {
    case Kind::kRightParen:
    case Kind::kRightBracket:
    case Kind::kLeftBracket:
    case Kind::kLeftAngle:
    case Kind::kRightAngle:
    case Kind::kComma:
    case Kind::kSemicolon:
    case Kind::kQuestion:
    case Kind::kColonColon: return false;
    case Kind::kColon:
      return before != Kind::kParent && before != Kind::kChild && before != Kind::kBoth;
    case Kind::kLeftParen: return IsReplyWordBehind();
    case Kind::kRightBrace: return before != Kind::kLeftBrace;
    case Kind::kEquals: return !in_attributes_;
    default: return before != Kind::kEquals || !in_attributes_;
  }
}

void JointFinder::Pass(const Piece& piece) {
  if (BeginsAttributes(piece)) in_attributes_ = true;
  const bool stays_in_front = piece.IsComment() || in_attributes_;
  if (!stays_in_front) in_front_ = false;
  if (piece.IsToken(Kind::kRightBracket)) in_attributes_ = false;
  if (piece.IsToken(Kind::kLeftParen)) is_reply_paren_ = IsReplyWordBehind();
  if (piece.IsToken(Kind::kLeftAngle)) ++angles_;
  if (piece.IsToken(Kind::kRightAngle)) --angles_;
  last_ = &piece;
  if (piece.IsComment()) return;
  last_but_one_ = last_token_;
  last_token_ = &piece;
}

// Writes the pieces of a statement, and knows how long the line is.
class LineFiller {
 public:
  LineFiller(std::span<const Piece> pieces, std::size_t indent)
      : pieces_(pieces), joints_(JointFinder(pieces).Find()), indent_(indent) {}

  bool Fits() const;
  std::string Fill();

 private:
  bool AttributesStandAlone() const;
  bool BreaksBefore(std::size_t index) const;
  std::size_t WidthUntilNextBreak(std::size_t index) const;
  void Append(std::string_view text);
  void Break(std::size_t indent);

  std::span<const Piece> pieces_;
  std::vector<Joint> joints_;
  std::size_t indent_;
  std::string out_;
  std::size_t column_ = 0;
};

bool LineFiller::Fits() const {
  std::size_t width = indent_;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const bool is_last_comment =
        pieces_[i].kind == Piece::Kind::kLineComment && i + 1 == pieces_.size() && i > 0;
    if (is_last_comment && !joints_[i].must_break) break;
    if (joints_[i].must_break || pieces_[i].text.find('\n') != std::string::npos) return false;
    width += joints_[i].spaces + WidthOf(pieces_[i].text);
  }
  return width <= kMaxColumns;
}

// Whatever breaks anyway keeps its attributes where they are.
bool LineFiller::AttributesStandAlone() const {
  const auto must = [](const Joint& joint) { return joint.must_break; };
  return !Fits() && std::ranges::none_of(joints_, must);
}

std::string LineFiller::Fill() {
  const bool attributes_alone = AttributesStandAlone();
  out_.append(indent_, ' ');
  column_ = indent_;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Joint& joint = joints_[i];
    const bool ends_attributes = joint.is_base && i > 0 && !pieces_[i].IsComment() &&
                                 pieces_[i - 1].IsToken(Kind::kRightBracket);
    if (ends_attributes && (attributes_alone || pieces_[i].newlines_before > 0)) {
      Break(indent_);
    } else if (BreaksBefore(i)) {
      Break(joint.is_base ? indent_ : indent_ + 4);
    } else {
      out_.append(joint.spaces, ' ');
      column_ += joint.spaces;
    }
    Append(pieces_[i].text);
  }
  return out_ + '\n';
}

bool LineFiller::BreaksBefore(std::size_t index) const {
  const Joint& joint = joints_[index];
  if (joint.must_break) return true;
  return joint.may_break && column_ + joint.spaces + WidthUntilNextBreak(index) > kMaxColumns;
}

std::size_t LineFiller::WidthUntilNextBreak(std::size_t index) const {
  std::size_t width = 0;
  const bool is_reply = pieces_[index].IsToken(Kind::kReturns);  // stays together if it can
  for (std::size_t i = index; i < pieces_.size(); ++i) {
    const bool breaks = is_reply ? pieces_[i].text == "fails" : joints_[i].may_break;
    if (i > index && (breaks || joints_[i].must_break)) break;
    if (pieces_[i].kind == Piece::Kind::kLineComment) break;
    const std::string_view text = pieces_[i].text;
    width += (i > index ? joints_[i].spaces : 0) + WidthOf(text.substr(0, text.find('\n')));
    if (text.find('\n') != text.npos) break;
  }
  return width;
}

void LineFiller::Append(std::string_view text) {
  out_ += text;
  column_ = text.find('\n') == text.npos ? column_ + WidthOf(text) : WidthOf(LastLineOf(text));
}

void LineFiller::Break(std::size_t indent) {
  out_ += '\n';
  out_.append(indent, ' ');
  column_ = indent;
}

}  // namespace

std::string Layout(std::span<const Piece> pieces, std::size_t indent) {
  return LineFiller(pieces, indent).Fill();
}

bool FitsOnOneLine(std::span<const Piece> pieces, std::size_t indent) {
  return LineFiller(pieces, indent).Fits();
}

}  // namespace batonc
