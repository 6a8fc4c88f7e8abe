// Pictures that one process fills and another one reads, two of them in turn: by actors that hand
// memory over (ActorPair::Show), and with a ring and one mapping that both write, which is all that
// two processes need that trust each other blindly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include <baton/platform/process.h>
#include <baton/platform/shared_memory.h>

#include "bench/bare/ring_end.h"

namespace bench {

// Every byte of it is read.
inline std::uint64_t SumOf(std::span<const std::byte> picture) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + sizeof(sum) <= picture.size(); at += sizeof(sum)) {
    std::uint64_t word;
    std::memcpy(&word, picture.data() + at, sizeof(word));
    sum += word;
  }
  return sum;
}

// The yardstick. Both sides sleep on a word of the ring.
class BarePictures {
 public:
  explicit BarePictures(std::size_t size);

  // Fills the next picture, and waits until the other side has read it.
  void Show();

 private:
  struct Shared;
  BarePictures(Shared shared, std::size_t size);

  const std::size_t size_;
  baton::platform::SharedMemory pictures_;
  baton::platform::Mapping mapping_;
  RingEnd end_;
  std::uint64_t shown_ = 0;
  baton::platform::Process child_;
};

// What bench_child does in the role "pictures". Ends with the process.
[[noreturn]] void AnswerOnPictures();

}  // namespace bench
