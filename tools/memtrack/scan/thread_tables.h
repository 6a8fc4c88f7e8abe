// Whose tables of descriptors there are in one process. Most often one; but a thread may have its
// own (unshare(CLONE_FILES)), and when the first thread has ended, /proc/PID shows nothing although
// the others go on.
#pragma once

#include <vector>

#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/process_stat.h"
#include "tools/memtrack/scan/scan_context.h"

namespace memtrack {

struct TaskTable {
  int thread = 0;             // 0: the process itself
  bool has_mappings = false;  // of these tables one: threads share their memory
};

// `process` is the open folder of the process. Empty when there is nothing to hold anything. Keeps
// nothing open: a process may have more tables than we may have descriptors.
Result<std::vector<TaskTable>> TablesOf(const ScanContext& context, const ProcFolder& process,
                                        const ProcessStat& stat);

// The folder of one of them: /proc/PID/task/TID, or /proc/PID.
Result<ProcFolder> OpenTable(const ProcFolder& process, const TaskTable& table);

}  // namespace memtrack
