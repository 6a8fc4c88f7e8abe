// What memory holds. By the C library, whose loops are fast in every build: what is compared is
// often megabytes, in tests that are not optimized and are watched by sanitizers.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace baton::testing {

// Whether there is something, and all of it is `value`. Of nothing that is not to be said.
inline bool HoldsOnly(std::span<const std::byte> bytes, int value) {
  if (bytes.empty() || bytes.front() != static_cast<std::byte>(value)) return false;
  return std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;  // each as the next
}

// The same of a handle of memory.
template <class Memory>
requires requires(const Memory& memory) {
  memory.bytes();
}
bool HoldsOnly(const Memory& memory, int value) {
  return HoldsOnly(std::span<const std::byte>(memory.bytes()), value);
}

// Whether both are as long, and each byte is as its like.
inline bool HoldSame(std::span<const std::byte> bytes, std::span<const std::byte> others) {
  if (bytes.size() != others.size()) return false;
  return bytes.empty() || std::memcmp(bytes.data(), others.data(), bytes.size()) == 0;
}

// Each byte is `value` then.
inline void FillWith(std::span<std::byte> bytes, int value) {
  if (!bytes.empty()) std::memset(bytes.data(), value, bytes.size());
}

// `size` bytes of which each is one more than the one before, beginning with `first`.
inline std::vector<std::byte> CountingBytes(std::size_t size, unsigned first) {
  std::vector<std::byte> bytes(size);
  constexpr std::size_t kPeriod = 256;
  for (std::size_t i = 0; i < size && i < kPeriod; ++i) {
    bytes[i] = static_cast<std::byte>(first + i);
  }
  for (std::size_t done = kPeriod; done < size; done *= 2) {
    std::memcpy(bytes.data() + done, bytes.data(), std::min(done, size - done));
  }
  return bytes;
}

}  // namespace baton::testing
