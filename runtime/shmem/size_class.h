// The sizes that memory is made in where it may be used again: one piece then fits many requests.
//
//   up to 64 KiB   whole units of 4,096 bytes
//   above          eight steps between two powers of two: 72, 80, 88, ... 128, 144, 160, ... KiB
//
// So at most an eighth is lost, and less than a unit below 64 KiB. Both sides of a channel know
// this table, and check each other by it (docs/wire-format.md, section 6).
#pragma once

#include <cstddef>
#include <cstdint>

namespace baton::internal {

inline constexpr std::uint64_t kCapacityUnit = 4096;  // of wire::ShmemReference::capacity
inline constexpr std::size_t kSizeClasses = 16 + 8 * 27;

// The smallest class with room for `size` bytes, in bytes; 0 for nothing, and beyond the largest
// class, 2^43.
std::uint64_t SizeClassFor(std::uint64_t size);

// The number of a class, below kSizeClasses. `capacity` is what SizeClassFor returns, not 0.
std::size_t SizeClassNumber(std::uint64_t capacity);

}  // namespace baton::internal
