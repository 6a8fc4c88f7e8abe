// Reserving the backing of memory, a piece at a time.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>

#include <baton/base/result.h>

namespace baton::platform {

// A signal makes one call undo its work and begin again, so that under a profiler's timer one call
// for everything would never come to its end. `reserve(at, length)` returns a Result.
template <class Reserve>
Result<void> InPieces(std::uint64_t size, Reserve reserve) {
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
  for (std::uint64_t at = 0; at < size; at += kPiece) {
    BATON_CHECKED(reserve(static_cast<off_t>(at), static_cast<off_t>(std::min(kPiece, size - at))));
  }
  return {};
}

}  // namespace baton::platform
