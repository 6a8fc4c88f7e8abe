// Numbers that look random and are a function of their seed, on every machine.
#pragma once

#include <cstdint>

namespace soak {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // SplitMix64, of Steele, Lea and Flood.
  std::uint64_t Roll() {
    std::uint64_t word = state_ += 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
  }
  // From 0 to `count` - 1; `count` is not 0.
  std::uint64_t Below(std::uint64_t count) { return Roll() % count; }
  bool Percent(std::uint64_t chance) { return Below(100) < chance; }
  // From 1 to 2 to the power of `bits`, each order of magnitude as often as the others.
  std::uint32_t Size(std::uint64_t bits) {
    const std::uint64_t power = std::uint64_t{1} << Below(bits);
    return static_cast<std::uint32_t>(power + Below(power) + (power > 1 ? 1 : 0));
  }

 private:
  std::uint64_t state_;
};

}  // namespace soak
