// Makes lists and holds of a snapshot agree.
#pragma once

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// Sorted by key, each key once, and with a row for everything that a hold names: processes come and
// go during a scan. Such a row has no name. Of two rows with one key the first stays.
Snapshot Completed(Snapshot snapshot);

}  // namespace memtrack
