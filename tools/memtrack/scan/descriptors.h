// The descriptors of one table that lead to shared memory, and its sockets.
#pragma once

#include <vector>

#include "tools/memtrack/scan/in_flight.h"
#include "tools/memtrack/scan/registries.h"
#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/segment_table.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct DescriptorFindings {
  std::vector<DescriptorHold> holds;
  std::vector<SeenSocket> sockets;
  std::vector<SeenRegistry> registries;
};

// `task` is the open folder /proc/PID or /proc/PID/task/TID, `thread` as DescriptorHold::thread.
// What is closed meanwhile is left out. Errors: the process is gone, lets nobody in, or we are
// short.
Result<void> ReadDescriptors(const ScanContext& context, const ProcFolder& task,
                             const ProcessKey& process, int thread, SegmentTable& segments,
                             DescriptorFindings& findings);

}  // namespace memtrack
