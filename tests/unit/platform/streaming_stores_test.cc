#include <baton/platform/streaming_stores.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "tests/support/byte_content.h"

namespace baton::platform {
namespace {

std::vector<std::byte> Numbers(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 256);
  return bytes;
}

// Around the lines of 64 bytes in which is written, from every place in one.
TEST_CASE("Streamed bytes are all there, and no other is touched") {
  constexpr std::size_t kAround = 64;
  const std::size_t size = GENERATE(0, 1, 15, 16, 63, 64, 65, 127, 128, 1000, 4096);
  const std::vector<std::byte> source = Numbers(size + kAround);
  for (std::size_t offset = 0; offset < kAround; ++offset) {
    std::vector<std::byte> memory(2 * kAround + size, std::byte{0xee});
    const std::span<std::byte> to(memory.data() + offset, size);
    StreamCopyAlways(to, std::span(source).subspan(offset, size));
    CHECK(std::ranges::equal(to, std::span(source).subspan(offset, size)));
    StreamFillAlways(to, std::byte{0x42});
    CHECK(std::ranges::count(memory, std::byte{0x42}) == static_cast<std::ptrdiff_t>(size));
    CHECK(std::ranges::count(memory, std::byte{0xee}) == std::ptrdiff_t{2 * kAround});
    CHECK(std::ranges::count(to, std::byte{0x42}) == static_cast<std::ptrdiff_t>(size));
  }
}

TEST_CASE("StreamFill and StreamCopy do the same on either side of where they stream") {
  const std::size_t from = GENERATE(kStreamFillFrom, kStreamCopyFrom);
  const std::size_t size = from + GENERATE(-1, 0, 5);
  std::vector<std::byte> memory(size + 1, std::byte{0xee});
  const std::span<std::byte> to(memory.data(), size);
  StreamFill(to, std::byte{0x42});
  CHECK(baton::testing::HoldsOnly(to, 0x42));
  const std::vector<std::byte> source = Numbers(size);
  StreamCopy(to, source);
  CHECK(baton::testing::HoldSame(to, source));
  CHECK(memory.back() == std::byte{0xee});
}

}  // namespace
}  // namespace baton::platform
