// Puts what was found process by process together to a snapshot.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "tools/memtrack/scan/process_scan.h"
#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// `findings` of each process that was there at first, std::nullopt of those that have ended since.
// All but taken_at and scan_nanos, which are the caller's.
Snapshot Assemble(const ScanContext& context,
                  const std::vector<std::optional<ProcessFindings>>& findings,
                  const std::map<SegmentKey, Segment>& segments);

}  // namespace memtrack
