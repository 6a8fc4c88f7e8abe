#include "compiler/emit/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace batonc {
namespace {

// Bytes of the UTF-8 character at the start of `text`; 0 when it is none.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80                     ? 1
                             : first >= 0xc2 && first <= 0xdf ? 2
                             : first >= 0xe0 && first <= 0xef ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  const bool too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) > 0x9f;
  const bool too_large = first == 0xf4 && byte(1) > 0x8f;
  return too_long || surrogate || too_large ? 0 : length;
}

bool IsHarmless(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x20 && byte < 0x7f && character != '"' && character != '\\';
}

}  // namespace

void JsonWriter::Open(char bracket) {
  if (inline_depth_ > 0) return OpenInline(bracket);
  BeginValue();
  out_ += bracket;
  ++depth_;
  is_first_ = true;
}

void JsonWriter::OpenInline(char bracket) {
  BeginValue();
  out_ += bracket;
  ++inline_depth_;
  is_first_ = true;
}

void JsonWriter::Close(char bracket) {
  if (inline_depth_ > 0) {
    --inline_depth_;
  } else {
    --depth_;
    if (!is_first_) BreakLine();
  }
  out_ += bracket;
  is_first_ = false;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  BeginValue();
  out_.append("\"").append(key).append("\": ");
  after_key_ = true;
  return *this;
}

void JsonWriter::Text(std::string_view text) {
  BeginValue();
  out_ += '"';
  while (!text.empty()) {
    const auto harmless =
        static_cast<std::size_t>(std::ranges::find_if_not(text, IsHarmless) - text.begin());
    out_ += text.substr(0, harmless);
    text.remove_prefix(harmless);
    if (text.empty()) break;
    const std::size_t length = CharacterLength(text);
    if (length > 1) {
      out_ += text.substr(0, length);
    } else if (length == 0) {
      out_ += "\xef\xbf\xbd";
    } else if (text.front() == '"' || text.front() == '\\') {
      (out_ += '\\') += text.front();
    } else {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}",
                     static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out_ += '"';
}

void JsonWriter::Raw(std::string_view json) {
  BeginValue();
  out_ += json;
}

// The comma and the line break before a value or its key.
void JsonWriter::BeginValue() {
  if (std::exchange(after_key_, false)) return;
  const bool is_first = std::exchange(is_first_, false);
  if (!is_first) out_ += inline_depth_ > 0 ? ", " : ",";
  if (inline_depth_ == 0 && depth_ > 0) BreakLine();
}

void JsonWriter::BreakLine() {
  out_.append("\n").append(static_cast<std::size_t>(depth_) * 2, ' ');
}

}  // namespace batonc
