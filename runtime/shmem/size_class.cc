#include "runtime/shmem/size_class.h"

#include <bit>

namespace baton::internal {
namespace {

constexpr std::uint64_t kFineUpTo = std::uint64_t{64} << 10;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 43;
constexpr int kFirstCoarseBits = 17;  // of 64 KiB: bit_width of what lies above

// The step of the classes around `size`, which is above kFineUpTo.
constexpr int StepBits(std::uint64_t size) {
  return std::bit_width(size - 1) - 4;
}

constexpr std::uint64_t RoundUp(std::uint64_t size, int bits) {
  const std::uint64_t step = std::uint64_t{1} << bits;
  return (size + step - 1) & ~(step - 1);
}

}  // namespace

std::uint64_t SizeClassFor(std::uint64_t size) {
  if (size == 0 || size > kLargest) return 0;
  return RoundUp(size, size <= kFineUpTo ? std::countr_zero(kCapacityUnit) : StepBits(size));
}

std::size_t SizeClassNumber(std::uint64_t capacity) {
  if (capacity <= kFineUpTo) return static_cast<std::size_t>(capacity / kCapacityUnit) - 1;
  const int bits = StepBits(capacity);
  const auto doublings = static_cast<std::size_t>(bits + 4 - kFirstCoarseBits);
  return 16 + 8 * doublings + static_cast<std::size_t>(capacity >> bits) - 9;
}

}  // namespace baton::internal
