#include "runtime/looking/escaped.h"

#include <algorithm>
#include <cstdint>

#include "runtime/wire/utf8.h"

namespace baton::internal {
namespace {

constexpr std::string_view kCut = "...";

// The bytes of the letter that `text` begins with; 0 when that is none.
std::size_t LetterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return length <= text.size() && wire::IsUtf8(text.substr(0, length)) ? length : 0;
}

std::uint32_t CodePoint(std::string_view letter) {
  const auto first = static_cast<unsigned char>(letter[0]);
  if (letter.size() == 1) return first;
  std::uint32_t code = first & (0x7fU >> letter.size());
  for (const char next : letter.substr(1))
    code = code << 6 | (static_cast<unsigned char>(next) & 63);
  return code;
}

bool IsHarmless(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  const bool ends_line = code == 0x2028 || code == 0x2029;
  const bool turns_text = code == 0x061c || code == 0x200e || code == 0x200f ||
                          (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !ends_line && !turns_text && code != 0xfeff;
}

void AppendBytes(std::string_view bytes, std::string& to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char byte : bytes) {
    to += "\\x";
    to += kDigits[static_cast<unsigned char>(byte) >> 4];
    to += kDigits[static_cast<unsigned char>(byte) & 15];
  }
}

}  // namespace

std::string Escaped(std::string_view text, std::size_t most) {
  std::string escaped;
  std::size_t end_with_cut = 0;  // how much of `escaped` may stay when `...` follows
  while (!text.empty()) {
    const std::size_t length = LetterLength(text);
    const std::string_view letter = text.substr(0, std::max<std::size_t>(length, 1));
    if (length != 0 && IsHarmless(CodePoint(letter))) {
      escaped += letter;
    } else {
      AppendBytes(letter, escaped);
    }
    if (escaped.size() > most) return escaped.substr(0, end_with_cut).append(kCut);
    if (escaped.size() + kCut.size() <= most) end_with_cut = escaped.size();
    text.remove_prefix(letter.size());
  }
  return escaped;
}

}  // namespace baton::internal
