// Windows: sizes of sections and views. Sizes are given to the system in two halves, and views
// begin at multiples of the allocation granularity.
#pragma once

#include <cstdint>
#include <optional>

#include <baton/base/checked_slice.h>
#include <baton/platform/memory_backend.h>

namespace baton::platform::windows {

inline constexpr std::uint64_t kPage = 4096;
inline constexpr std::uint64_t kGranularity = std::uint64_t{64} << 10;  // of GetSystemInfo

// dwMaximumSizeHigh and ...Low of CreateFileMapping, dwFileOffsetHigh and ...Low of MapViewOfFile.
// A cast to DWORD and a high half of 0 makes 1 byte of 4 GiB and 1 byte.
struct Halves {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
};

constexpr Halves Split(std::uint64_t size) {
  return {static_cast<std::uint32_t>(size >> 32), static_cast<std::uint32_t>(size)};
}

constexpr std::uint64_t Join(Halves halves) {
  return std::uint64_t{halves.high} << 32 | halves.low;
}

// Nothing for 0 and for more than kMostMemoryBytes.
constexpr std::optional<std::uint64_t> RoundUp(std::uint64_t size, std::uint64_t to) {
  if (size == 0 || size > kMostMemoryBytes) return std::nullopt;
  return (size + to - 1) / to * to;
}

// A view of a part: where it has to begin, and where in it the part lies.
struct View {
  std::uint64_t offset = 0;  // a multiple of kGranularity
  std::uint64_t length = 0;
  std::uint64_t skip = 0;  // from its beginning to the part
};

// Nothing when the part does not lie in the section.
constexpr std::optional<View> ViewOf(std::uint64_t at, std::uint64_t length, std::uint64_t size) {
  if (length == 0 || !IsSlice(at, length, size)) return std::nullopt;
  const std::uint64_t skip = at % kGranularity;
  return View{at - skip, length + skip, skip};
}

}  // namespace baton::platform::windows
