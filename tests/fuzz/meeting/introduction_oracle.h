// What docs/wire-format.md, section 7, says about any bytes at all: written a second time, and by
// hand.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace baton::fuzz {

inline constexpr std::size_t kOfIntroduction = 32;
inline constexpr std::size_t kOfVerdict = 8;

using Token = std::array<std::byte, 16>;

// Bytes that one side has said, and how many of them before the first handle.
struct Spoken {
  std::vector<std::byte> bytes;
  std::size_t before_handles = SIZE_MAX;

  std::string Text(std::size_t at, std::size_t size) const {
    std::string text(size, '\0');
    std::memcpy(text.data(), bytes.data() + at, size);
    return text;
  }
  bool IsZero(std::size_t at, std::size_t size) const {
    return Text(at, size) == std::string(size, '\0');
  }
};

enum class Meant : std::uint8_t {
  kUnfinished,  // there is less than all of it
  kNone,        // it is none
  kVersion,     // of another version
  kWithoutToken,
  kWithToken,
};

inline Meant MeaningOf(const Spoken& spoken) {
  if (spoken.before_handles < std::min(spoken.bytes.size(), kOfIntroduction)) return Meant::kNone;
  if (spoken.bytes.size() < kOfIntroduction) return Meant::kUnfinished;
  if (spoken.Text(0, 8) != "Baton\r\n\x1a") return Meant::kNone;
  if (spoken.bytes[8] != std::byte{1}) return Meant::kVersion;
  if (!spoken.IsZero(10, 6)) return Meant::kNone;
  if (spoken.bytes[9] == std::byte{1}) return Meant::kWithToken;
  return spoken.IsZero(9, 1) && spoken.IsZero(16, 16) ? Meant::kWithoutToken : Meant::kNone;
}

inline std::vector<std::byte> HonestIntroduction(const Token* token) {
  std::vector<std::byte> bytes(kOfIntroduction);
  std::memcpy(bytes.data(), "Baton\r\n\x1a\x01", 9);
  if (token != nullptr) {
    bytes[9] = std::byte{1};
    std::memcpy(bytes.data() + 16, token->data(), token->size());
  }
  return bytes;
}

// 1: admitted, 2: not, 3: another version, 0: no verdict.
inline int VerdictIn(const Spoken& spoken) {
  if (spoken.bytes.size() < kOfVerdict || spoken.before_handles < kOfVerdict) return 0;
  if (spoken.Text(0, 6) != "Baton\x1a" || !spoken.IsZero(7, 1)) return 0;
  const auto verdict = std::to_integer<int>(spoken.bytes[6]);
  return verdict >= 1 && verdict <= 3 ? verdict : 0;
}

inline std::vector<std::byte> VerdictOf(std::uint8_t verdict) {
  std::vector<std::byte> bytes(kOfVerdict);
  std::memcpy(bytes.data(), "Baton\x1a", 6);
  bytes[6] = static_cast<std::byte>(verdict);
  return bytes;
}

// How often what has happened, over all inputs.
inline std::map<std::string, std::uint64_t>& MeetingCounts() {
  static std::map<std::string, std::uint64_t> counts;
  return counts;
}
inline void Happened(const char* what, std::uint64_t times = 1) {
  if (times > 0) MeetingCounts()[what] += times;
}

}  // namespace baton::fuzz
