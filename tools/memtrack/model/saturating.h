// Arithmetic for numbers that nobody vouches for: recordings, and claims of file systems. Where the
// result has no place the nearest number that has one stands for it.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

namespace memtrack {

constexpr std::int64_t Difference(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return a < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

template <std::unsigned_integral Number>
constexpr Number Sum(Number a, Number b) {
  Number result = 0;
  return __builtin_add_overflow(a, b, &result) ? std::numeric_limits<Number>::max() : result;
}

template <std::unsigned_integral Number>
constexpr void AddTo(Number& sum, Number more) {
  sum = Sum(sum, more);
}

// Without what stands behind the point; 0 for what is no number.
template <std::integral Number>
constexpr Number WholeNumber(double value) {
  using Limits = std::numeric_limits<Number>;
  if (!(value == value)) return 0;
  if (value >= static_cast<double>(Limits::max())) return Limits::max();
  if (value <= static_cast<double>(Limits::min())) return Limits::min();
  return static_cast<Number>(value);
}

// As a signed number, for a difference of two.
constexpr std::int64_t Signed(std::uint64_t number) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return number > static_cast<std::uint64_t>(kMost) ? kMost : static_cast<std::int64_t>(number);
}

}  // namespace memtrack
