// One snapshot between its lists and JSON. Rows are arrays, to be short; holds name their segment
// and their process by its index.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <baton/base/result.h>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// `snapshot` has to be completed (complete.h).
nlohmann::ordered_json JsonFrom(const Snapshot& snapshot);

// Errors: kShape, kRange.
baton::Result<Snapshot> SnapshotFrom(const nlohmann::json& json);

}  // namespace memtrack
