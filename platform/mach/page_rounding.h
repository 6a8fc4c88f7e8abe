// macOS: sizes in pages. A process under Rosetta sees pages of 4 KiB where the kernel's have 16.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <baton/platform/memory_backend.h>

namespace baton::platform::mach {

// What sizes are rounded up to: the larger of vm_page_size (this process's) and
// vm_kernel_page_size. Both are powers of two.
constexpr std::uint64_t Granularity(std::uint64_t page, std::uint64_t kernel_page) {
  return std::max(page, kernel_page);
}

// Nothing for 0 and for more than kMostMemoryBytes, which cannot overflow then.
constexpr std::optional<std::uint64_t> RoundUp(std::uint64_t size, std::uint64_t granularity) {
  if (size == 0 || size > kMostMemoryBytes) return std::nullopt;
  return (size + granularity - 1) & ~(granularity - 1);
}

// mach_make_memory_entry_64 succeeds in odd cases with less than was asked for, and says so only in
// its size: compare, always.
constexpr bool IsWholeEntry(std::uint64_t asked, std::uint64_t got, std::uint64_t granularity) {
  const auto needed = RoundUp(asked, granularity);
  return needed.has_value() && got >= *needed;
}

}  // namespace baton::platform::mach
