// Snapshots as lines of JSON: one that says what this is, then one for each snapshot. The format is
// in docs/memtrack-json.md.
#pragma once

#include <cstddef>
#include <string>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

inline constexpr int kRecordingVersion = 1;

// Of one snapshot. 10,000 segments with a holder each are about 1 MiB.
inline constexpr std::size_t kMostLineBytes = std::size_t{64} << 20;

// With the line break. What a reader gives back is Completed(snapshot); bytes of names that are no
// UTF-8 become U+FFFD.
std::string RecordingHeader();
std::string RecordingLine(const Snapshot& snapshot);

}  // namespace memtrack
