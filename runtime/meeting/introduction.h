// What two programs say to each other before their channel begins. docs/wire-format.md, section
// "Introduction", is the text that this follows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <baton/admission_token.h>
#include <baton/base/result.h>

namespace baton::internal {

inline constexpr std::size_t kIntroductionSize = 32;
inline constexpr std::size_t kVerdictSize = 8;

// From whoever connects.
struct Introduction {
  std::optional<AdmissionToken> token;
};

// From the listener. After kAdmitted both directions carry frames.
enum class Verdict : std::uint8_t {
  kAdmitted = 1,
  kNotAdmitted = 2,  // why is not told
  kVersion = 3,      // an introduction of a version that the listener does not know
};

std::array<std::byte, kIntroductionSize> EncodeIntroduction(const Introduction& introduction);
std::array<std::byte, kVerdictSize> EncodeVerdict(Verdict verdict);

// Errors: Rule::kWireVersion for another version, Rule::kIntroduction for what is no introduction.
Result<Introduction> DecodeIntroduction(std::span<const std::byte, kIntroductionSize> bytes);

// Error: Rule::kIntroduction.
Result<Verdict> DecodeVerdict(std::span<const std::byte, kVerdictSize> bytes);

}  // namespace baton::internal
