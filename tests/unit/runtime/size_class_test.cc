#include "runtime/shmem/size_class.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

namespace baton::internal {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 43;

TEST_CASE("size classes: whole units up to 64 KiB, then eight steps between powers of two") {
  CHECK(SizeClassFor(1) == 4 * kKiB);
  CHECK(SizeClassFor(4096) == 4 * kKiB);
  CHECK(SizeClassFor(4097) == 8 * kKiB);
  CHECK(SizeClassFor(64 * kKiB) == 64 * kKiB);
  CHECK(SizeClassFor(64 * kKiB + 1) == 72 * kKiB);
  CHECK(SizeClassFor(128 * kKiB) == 128 * kKiB);
  CHECK(SizeClassFor(128 * kKiB + 1) == 144 * kKiB);
  CHECK(SizeClassFor(8192 * kKiB) == 8192 * kKiB);
  CHECK(SizeClassFor(8192 * kKiB + 1) == 9216 * kKiB);
  CHECK(SizeClassFor(kLargest) == kLargest);
}

TEST_CASE("size classes: none for nothing, and none beyond the largest") {
  CHECK(SizeClassFor(0) == 0);
  CHECK(SizeClassFor(kLargest + 1) == 0);
  CHECK(SizeClassFor(~std::uint64_t{0}) == 0);
}

TEST_CASE("size classes: little is lost, and each class is of itself") {
  for (std::uint64_t size = 1; size < kLargest; size += size / 7 + 1) {
    const std::uint64_t capacity = SizeClassFor(size);
    const std::uint64_t lost = capacity - size;
    if (capacity < size || capacity % kCapacityUnit != 0 || SizeClassFor(capacity) != capacity ||
        lost > (size <= 64 * kKiB ? kCapacityUnit - 1 : size / 8)) {
      FAIL(size << " bytes are of class " << capacity);
    }
  }
}

TEST_CASE("size classes: numbered one by one") {
  std::size_t number = 0;
  std::uint64_t capacity = SizeClassFor(1);
  for (; capacity < kLargest; capacity = SizeClassFor(capacity + 1)) {
    if (SizeClassNumber(capacity) != number++) FAIL(capacity << " is number " << number - 1);
  }
  CHECK(SizeClassNumber(kLargest) == number);
  CHECK(kSizeClasses == number + 1);
}

}  // namespace
}  // namespace baton::internal
