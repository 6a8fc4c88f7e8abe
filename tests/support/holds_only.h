// What memory holds, byte by byte.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>

namespace baton::testing {

// Whether there is something, and all of it is `value`. Of nothing that is not to be said.
inline bool HoldsOnly(std::span<const std::byte> bytes, int value) {
  const auto is_value = [&](std::byte byte) { return byte == static_cast<std::byte>(value); };
  return !bytes.empty() && std::ranges::all_of(bytes, is_value);
}

// The same of a handle of memory.
template <class Memory>
requires requires(const Memory& memory) {
  memory.bytes();
}
bool HoldsOnly(const Memory& memory, int value) {
  return HoldsOnly(std::span<const std::byte>(memory.bytes()), value);
}

}  // namespace baton::testing
