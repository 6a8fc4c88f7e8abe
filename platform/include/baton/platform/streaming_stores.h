// Filling and copying large memory past the processor's caches.
#pragma once

#include <cstddef>
#include <span>

namespace baton::platform {

// From so many bytes on they write past the caches; below, they are memset and memcpy. Where
// streaming begins to win on the machine of docs/performance.md (`./dev bench Stream`); on
// processors for which Baton knows no such stores, nowhere.
inline constexpr std::size_t kStreamFillFrom = std::size_t{32} << 20;
inline constexpr std::size_t kStreamCopyFrom = std::size_t{16} << 20;

// What is written is meant for another process, or is more than the caches hold: it is not read
// first, and displaces nothing that this process needs. What was written is to be seen by others as
// after memset and memcpy: a message that is sent later carries it.
void StreamFill(std::span<std::byte> to, std::byte value);

// The two do not overlap, and are of the same length: else a bug of the caller's, which aborts.
void StreamCopy(std::span<std::byte> to, std::span<const std::byte> from);

// The same, whatever the size. For measuring.
void StreamFillAlways(std::span<std::byte> to, std::byte value);
void StreamCopyAlways(std::span<std::byte> to, std::span<const std::byte> from);

}  // namespace baton::platform
