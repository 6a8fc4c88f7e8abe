// Memory for a ring of a test, and frames to send through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

#include "runtime/channel/ring.h"
#include "runtime/channel/ring_words.h"

#include "tests/support/byte_content.h"

namespace baton::internal {

// Zeroed memory on the heap, where both sides of a ring may be constructed.
class RingMemory {
 public:
  explicit RingMemory(std::size_t data_bytes = kSmallestDataRing)
      : bytes_(RingMemorySize(data_bytes)) {}

  std::span<std::byte> bytes() { return bytes_; }

  // What the other side could write into at any time.
  RingWords& words() { return *reinterpret_cast<RingWords*>(bytes_.data()); }
  std::span<std::byte> ring(Lane lane) {
    const auto rings = bytes().subspan(kRingWordsSize);
    return lane == Lane::kControl ? rings.first(kControlRingSize) : rings.subspan(kControlRingSize);
  }

 private:
  std::vector<std::byte, boost::alignment::aligned_allocator<std::byte, kRingAlignment>> bytes_;
};

// A header that both DecodeHeader and the ring of its lane take.
inline FrameHeader RingHeader(Lane lane, std::uint64_t sequence, std::size_t length) {
  FrameHeader header;
  header.lane = lane;
  header.kind = lane == Lane::kData ? FrameKind::kMessage : FrameKind::kRelease;
  header.message = lane == Lane::kData ? 7 : 0;
  header.sequence = sequence;
  header.length = static_cast<std::uint32_t>(length);
  return header;
}

// Content that differs from frame to frame.
inline std::vector<std::byte> RingPayload(std::uint64_t sequence, std::size_t length) {
  return testing::CountingBytes(length, static_cast<unsigned>(sequence * 31 + 1));
}

}  // namespace baton::internal
