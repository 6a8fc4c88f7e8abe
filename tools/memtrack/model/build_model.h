// Draws the sums of a snapshot. Any snapshot has a model: what contradicts itself is completed.
#pragma once

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// A single segment counts for at most this much (16 TiB), so that one lie does not hide the rest.
inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 44;

Model BuildModel(Snapshot snapshot, Share share);

}  // namespace memtrack
