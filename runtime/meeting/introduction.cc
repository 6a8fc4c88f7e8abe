#include "runtime/meeting/introduction.h"

#include <algorithm>

namespace baton::internal {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'B', 'a', 't', 'o', 'n', 0x0d, 0x0a, 0x1a};
constexpr std::array<std::uint8_t, 6> kVerdictMagic = {'B', 'a', 't', 'o', 'n', 0x1a};
constexpr std::byte kVersion{1};

constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kHasTokenAt = 9;
constexpr std::size_t kReservedAt = 10;
constexpr std::size_t kTokenAt = 16;

constexpr std::size_t kVerdictAt = 6;
constexpr std::size_t kVerdictReservedAt = 7;

bool Equal(std::span<const std::byte> bytes, std::span<const std::uint8_t> magic) {
  return std::ranges::equal(bytes, std::as_bytes(magic));
}

bool AllZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

}  // namespace

std::array<std::byte, kIntroductionSize> EncodeIntroduction(const Introduction& introduction) {
  std::array<std::byte, kIntroductionSize> bytes = {};
  std::ranges::copy(std::as_bytes(std::span(kMagic)), bytes.begin());
  bytes[kVersionAt] = kVersion;
  if (introduction.token) {
    bytes[kHasTokenAt] = std::byte{1};
    std::ranges::copy(introduction.token->bytes(), bytes.begin() + kTokenAt);
  }
  return bytes;
}

std::array<std::byte, kVerdictSize> EncodeVerdict(Verdict verdict) {
  std::array<std::byte, kVerdictSize> bytes = {};
  std::ranges::copy(std::as_bytes(std::span(kVerdictMagic)), bytes.begin());
  bytes[kVerdictAt] = static_cast<std::byte>(verdict);
  return bytes;
}

Result<Introduction> DecodeIntroduction(std::span<const std::byte, kIntroductionSize> bytes) {
  if (!Equal(bytes.first<kMagic.size()>(), kMagic)) return Fail(Rule::kIntroduction);
  if (bytes[kVersionAt] != kVersion) return Fail(Rule::kWireVersion);
  if (!AllZero(bytes.subspan<kReservedAt, kTokenAt - kReservedAt>())) {
    return Fail(Rule::kIntroduction);
  }
  const auto token_bytes = bytes.subspan<kTokenAt>();
  if (bytes[kHasTokenAt] == std::byte{0}) {
    if (!AllZero(token_bytes)) return Fail(Rule::kIntroduction);
    return Introduction{};
  }
  if (bytes[kHasTokenAt] != std::byte{1}) return Fail(Rule::kIntroduction);
  AdmissionToken::Bytes token = {};
  std::ranges::copy(token_bytes, token.begin());
  return Introduction{AdmissionToken(token)};
}

Result<Verdict> DecodeVerdict(std::span<const std::byte, kVerdictSize> bytes) {
  if (!Equal(bytes.first<kVerdictMagic.size()>(), kVerdictMagic)) return Fail(Rule::kIntroduction);
  if (bytes[kVerdictReservedAt] != std::byte{}) return Fail(Rule::kIntroduction);
  const auto verdict = static_cast<Verdict>(bytes[kVerdictAt]);
  switch (verdict) {
    case Verdict::kAdmitted:
    case Verdict::kNotAdmitted:
    case Verdict::kVersion: return verdict;
  }
  return Fail(Rule::kIntroduction);
}

}  // namespace baton::internal
