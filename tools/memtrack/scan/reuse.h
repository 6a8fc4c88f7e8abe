// What an incremental scan need not read again. Descriptors and mappings are taken from the scan
// before when the process looks the same; the size of memory, and what is in flight, is always
// looked at anew, since both change without the holder's doing anything; and so is what mappings of
// it allow, since memory is handed over by changing just that.
#pragma once

#include <optional>

#include "tools/memtrack/scan/process_scan.h"

namespace memtrack {

// Whether there is nothing by which it could hold anything: the kernel's own threads, and what
// waits to be reaped.
bool HoldsNothing(const ProcessStat& stat);

// std::nullopt where the kernel does not count descriptors (before Linux 6.2), or lets us not see.
std::optional<Fingerprint> TakeFingerprint(OpenProcess& process, const ProcessStat& stat);

// The earlier findings, brought up to date. std::nullopt when they do not hold, or cannot be: read
// all again.
std::optional<ProcessFindings> Reuse(const ScanContext& context, OpenProcess& process,
                                     const ProcessStat& stat, Earlier earlier,
                                     SegmentTable& segments);

}  // namespace memtrack
