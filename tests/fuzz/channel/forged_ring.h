// A ring as a liar sees it: both sides' words and all bytes, to be written without any check.
#pragma once

#include <cstring>
#include <span>

#include "runtime/channel/ring.h"
#include "runtime/channel/ring_words.h"

namespace baton::fuzz {

class ForgedRing {
 public:
  // `memory` may be empty: then nothing is written.
  explicit ForgedRing(std::span<std::byte> memory) : memory_(memory) {}

  void Clear() {
    if (!memory_.empty()) std::memset(memory_.data(), 0, memory_.size());
    appended_[0] = appended_[1] = 0;
  }

  internal::RingWords* words() {
    return memory_.empty() ? nullptr : reinterpret_cast<internal::RingWords*>(memory_.data());
  }

  // The 64-bit word `index` of seven, in the order of RingWords.
  void SetWord(std::size_t index, std::uint64_t value) {
    Write(index % 7 * internal::kRingAlignment, std::as_bytes(std::span(&value, 1)));
  }
  std::uint64_t word(std::size_t index) const {
    std::uint64_t value = 0;
    if (memory_.empty()) return value;
    std::memcpy(&value, memory_.data() + index % 7 * internal::kRingAlignment, sizeof(value));
    return value;
  }

  // Anywhere; what lies behind the end is left out.
  void Write(std::size_t at, std::span<const std::byte> bytes) {
    if (memory_.empty() || bytes.empty()) return;
    at %= memory_.size();
    std::memcpy(memory_.data() + at, bytes.data(), std::min(bytes.size(), memory_.size() - at));
  }

  // A record behind the last one of its lane, as an honest writer places it.
  void Append(internal::Lane lane, std::span<const std::byte> frame) {
    if (memory_.empty()) return;
    const bool is_control = lane == internal::Lane::kControl;
    const auto rings = memory_.subspan(internal::kRingWordsSize);
    const auto ring = is_control ? rings.first(internal::kControlRingSize)
                                 : rings.subspan(internal::kControlRingSize);
    std::uint64_t& count = appended_[is_control ? 0 : 1];
    for (std::size_t i = 0; i < frame.size(); ++i) ring[(count + i) % ring.size()] = frame[i];
    count += (frame.size() + 7) / 8 * 8;
  }
  void Publish() {
    SetWord(0, appended_[0]);
    SetWord(1, appended_[1]);
  }

  // As a reader that takes everything at once.
  void TakeAll() {
    SetWord(2, word(0));
    SetWord(3, word(1));
  }

 private:
  std::span<std::byte> memory_;
  std::uint64_t appended_[2] = {0, 0};
};

}  // namespace baton::fuzz
