// The input of a fuzzer, read as numbers and choices. Behind its end everything is 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace baton::fuzz {

class Script {
 public:
  explicit Script(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }

  std::uint8_t Peek() const {
    return bytes_.empty() ? 0 : std::to_integer<std::uint8_t>(bytes_[0]);
  }
  std::uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const auto byte = std::to_integer<std::uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  // The next `count` bytes, or what is left.
  std::span<const std::byte> Bytes(std::size_t count) {
    const auto some = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(some.size());
    return some;
  }

  // A number near one of those where limits lie: 0, powers of two, the largest.
  std::uint64_t Number() {
    const std::uint8_t shape = Byte();
    if (shape < 128) return shape;
    const std::uint64_t power = std::uint64_t{1} << (shape % 64);
    return (shape < 192 ? power : ~power) + static_cast<std::uint64_t>(Byte()) - 128;
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace baton::fuzz
