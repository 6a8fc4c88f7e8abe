#include <baton/admission_token.h>
#include <baton/platform/entropy.h>

namespace baton {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// 16 for what is no digit.
unsigned ValueOf(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10;
  return 16;
}

}  // namespace

Result<AdmissionToken> AdmissionToken::Random() {
  Bytes bytes = {};
  BATON_CHECKED(platform::FillRandom(bytes));
  return AdmissionToken(bytes);
}

Result<AdmissionToken> AdmissionToken::FromText(std::string_view text) {
  Bytes bytes = {};
  if (text.size() != 2 * bytes.size()) return Fail(Errc::kInvalidValue);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned high = ValueOf(text[2 * i]);
    const unsigned low = ValueOf(text[2 * i + 1]);
    if (high > 15 || low > 15) return Fail(Errc::kInvalidValue);
    bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return AdmissionToken(bytes);
}

std::string AdmissionToken::text() const {
  std::string text;
  text.reserve(2 * bytes_.size());
  for (const std::byte byte : bytes_) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4];
    text += kDigits[std::to_integer<std::size_t>(byte) & 15];
  }
  return text;
}

bool operator==(const AdmissionToken& one, const AdmissionToken& other) {
  std::byte difference = {};
  for (std::size_t i = 0; i < one.bytes_.size(); ++i) difference |= one.bytes_[i] ^ other.bytes_[i];
  return difference == std::byte{};
}

}  // namespace baton
