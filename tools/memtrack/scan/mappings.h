// The mappings of one process that show shared memory; those that only start from it (private ones)
// and those that run it are among them, and say so.
#pragma once

#include <vector>

#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/segment_table.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// `task` as for ReadDescriptors. The names of mappings (map_files) are below /proc/PID alone, so
// `named_task` is /proc/TID where `task` is that of a thread. Errors as those of ReadDescriptors.
Result<void> ReadMappings(const ScanContext& context, const ProcFolder& task,
                          const ProcFolder& named_task, const ProcessKey& process,
                          SegmentTable& segments, std::vector<MappingHold>& holds);

}  // namespace memtrack
