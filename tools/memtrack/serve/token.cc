#include "tools/memtrack/serve/token.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>

#include <baton/platform/entropy.h>

namespace memtrack {

using baton::Result;

Result<Token> Token::Make() {
  std::array<std::byte, 16> bytes = {};
  BATON_CHECKED(baton::platform::FillRandom(bytes));
  std::string text;
  for (const std::byte byte : bytes) {
    fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(byte));
  }
  return Token(std::move(text));
}

bool Token::Is(std::string_view said) const {
  if (said.size() != text_.size()) return false;
  unsigned differences = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    differences |= static_cast<unsigned char>(text_[i]) ^ static_cast<unsigned char>(said[i]);
  }
  return differences == 0;
}

}  // namespace memtrack
