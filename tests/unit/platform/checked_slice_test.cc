// The one comparison of offset and length with a size, against the same in 128 bits.
#include <baton/base/checked_slice.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <random>

namespace baton {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// Where sums overflow, conversions lose bits and signs turn.
constexpr std::uint64_t kEdges[] = {0,
                                    1,
                                    2,
                                    4095,
                                    4096,
                                    4097,
                                    0x7fffffff,
                                    0x80000000,
                                    0xffffffff,
                                    0x100000000,
                                    std::uint64_t{1} << 47,
                                    kMax / 2,
                                    kMax / 2 + 1,
                                    kMax - 4096,
                                    kMax - 1,
                                    kMax};

bool IsSliceByDefinition(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return Wide{offset} + length <= size;
}

TEST_CASE("A slice lies inside, or not, at every edge of 64 bits") {
  int inside = 0;
  for (const std::uint64_t offset : kEdges) {
    for (const std::uint64_t length : kEdges) {
      for (const std::uint64_t size : kEdges) {
        CAPTURE(offset, length, size);
        REQUIRE(IsSlice(offset, length, size) == IsSliceByDefinition(offset, length, size));
        if (IsSlice(offset, length, size)) ++inside;
      }
    }
  }
  CHECK(inside > 100);
}

TEST_CASE("A slice lies inside, or not, wherever the numbers fall") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto any = [&] { return random() >> (random() % 64); };
    const std::uint64_t offset = any();
    const std::uint64_t length = any();
    const std::uint64_t size = i % 2 == 0 ? any() : offset + length + any() % 3 - 1;
    CAPTURE(offset, length, size);
    REQUIRE(IsSlice(offset, length, size) == IsSliceByDefinition(offset, length, size));
  }
}

TEST_CASE("A checked slice is those elements, or nothing") {
  std::array<int, 5> numbers = {1, 2, 3, 4, 5};
  const auto middle = CheckedSlice(std::span(numbers.data(), 5), 1, 3);
  REQUIRE(middle.has_value());
  CHECK(middle->size() == 3);
  CHECK(middle->front() == 2);
  const auto none = CheckedSlice(std::span(numbers.data(), 5), 5, 0);
  REQUIRE(none.has_value());
  CHECK(none->empty());
  CHECK_FALSE(CheckedSlice(std::span(numbers.data(), 5), 6, 0).has_value());
  CHECK_FALSE(CheckedSlice(std::span(numbers.data(), 5), 2, 4).has_value());
  CHECK_FALSE(CheckedSlice(std::span(numbers.data(), 5), 1, kMax).has_value());
  CHECK_FALSE(CheckedSlice(std::span<int>(), kMax, 1).has_value());
}

}  // namespace
}  // namespace baton
