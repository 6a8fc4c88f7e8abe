// Moving page tables from one range of addresses to another, which costs next to nothing, however
// much memory they show.
#pragma once

#include <cstdint>
#include <span>

#include <baton/base/result.h>
#include <baton/platform/map_options.h>

namespace baton::platform {

// Makes `to` an area like `from`, which keeps its own, emptied: touching it brings in the pages
// again, unless it is made inaccessible. At no time is `to` free for other mappings when this
// succeeds. On failure `from` is as before, and `to` may have been unmapped.
Result<void> MovePages(std::span<std::byte> from, std::span<std::byte> to);

// Whether the kernel moves shared memory like that (Linux 5.13), tried once. False as well where
// the system calls are forbidden, or just now fail.
bool CanMovePages();

// Whether ranges as wide as WideSpan are a good idea in this program: not for the sanitizers, which
// keep books about every address that is mapped.
bool CanUseWideRanges();

// From this size on moving is cheaper than changing the protection of each page.
inline constexpr std::uint64_t kMoveFromBytes = std::uint64_t{256} << 10;

// What becomes of the wishes on this machine: never kBySize, and kMoved only where CanMovePages.
// The environment may choose for those who have not: BATON_REVOKE=protect (kInPlace), =move
// (kMoved, whatever the size) or =unmap (Revocation::kUnmap).
MapOptions Resolve(MapOptions wishes, std::uint64_t size);

}  // namespace baton::platform
