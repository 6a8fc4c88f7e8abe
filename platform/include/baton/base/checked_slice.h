// The one place where an offset and a length meet a size. Both may come from a peer, or be computed
// from what does; neither the sum nor a conversion can overflow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace baton {

// Whether `length` bytes from `offset` on lie in something of `size` bytes. An empty slice may lie
// at the very end.
constexpr bool IsSlice(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

// Those elements of `whole`; nothing when they are not all in it.
template <class T>
constexpr std::optional<std::span<T>> CheckedSlice(std::span<T> whole, std::uint64_t offset,
                                                   std::uint64_t length) {
  if (!IsSlice(offset, length, whole.size())) return std::nullopt;
  return whole.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

}  // namespace baton
