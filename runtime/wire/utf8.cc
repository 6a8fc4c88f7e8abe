#include "runtime/wire/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace baton::wire {
namespace {

// What may follow a lead byte: how many bytes, and the range of the first of them.
struct Sequence {
  std::size_t following;
  std::uint8_t lowest;
  std::uint8_t highest;
};

constexpr Sequence kNoSequence = {0, 0, 0};

constexpr Sequence SequenceOf(std::uint8_t lead) {
  if (lead < 0xc2) return kNoSequence;
  if (lead < 0xe0) return {1, 0x80, 0xbf};
  if (lead == 0xe0) return {2, 0xa0, 0xbf};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead < 0xf0) return {2, 0x80, 0xbf};
  if (lead == 0xf0) return {3, 0x90, 0xbf};
  if (lead < 0xf4) return {3, 0x80, 0xbf};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return kNoSequence;
}

// Bytes of the character at the start of `text`, whose first byte is not ASCII; 0 if it is none.
std::size_t CharacterLength(std::string_view text) {
  const Sequence sequence = SequenceOf(static_cast<std::uint8_t>(text[0]));
  if (sequence.following == 0 || text.size() <= sequence.following) return 0;
  const auto second = static_cast<std::uint8_t>(text[1]);
  if (second < sequence.lowest || second > sequence.highest) return 0;
  for (std::size_t n = 2; n <= sequence.following; ++n) {
    if ((static_cast<std::uint8_t>(text[n]) & 0xc0) != 0x80) return 0;
  }
  return sequence.following + 1;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t next = 0;
  while (next < text.size()) {
    std::uint64_t word;
    if (text.size() - next >= sizeof(word)) {
      std::memcpy(&word, text.data() + next, sizeof(word));
      if ((word & kHighBits) == 0) {
        next += sizeof(word);
        continue;
      }
    }
    if (static_cast<std::uint8_t>(text[next]) < 0x80) {
      ++next;
      continue;
    }
    const std::size_t length = CharacterLength(text.substr(next));
    if (length == 0) return false;
    next += length;
  }
  return true;
}

}  // namespace baton::wire
