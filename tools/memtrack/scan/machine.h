// What the whole machine says of its shared memory, to compare with what the scan has seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// Shmem of /proc/meminfo, in bytes. A pure function over its text.
std::optional<std::uint64_t> ParseShmem(std::string_view text);

// When the machine was booted, by its clock of the wall: nanoseconds since 1970, of /proc/stat, in
// whole seconds. A pure function over its text.
std::optional<std::int64_t> ParseBootTime(std::string_view text);

// Nanoseconds since boot at `taken_at`, which is now; in a recorded folder by what that says.
std::optional<std::int64_t> SinceBoot(const ProcFolder& root, bool is_live, std::int64_t taken_at);

// /proc/self/mountinfo of the folder; of a recorded one also /proc/1/mountinfo. Empty when neither
// is there. Errors: our own shortage.
Result<MountTable> ReadMounts(const ProcFolder& root);

// Where the kernel makes memfds of huge pages, for each size that it has.
std::set<std::uint64_t> FindHugeDevices();

// SysV memory of our namespace, also what nobody has attached, into `segments`.
void AddSysVSegments(const ProcFolder& root, std::map<SegmentKey, Segment>& segments);

// A tmpfs that a later mount hides is not counted, nor is one without a limit to its size, of which
// the kernel does not say how full it is.
MachineMemory MeasureMachine(const ScanContext& context,
                             const std::map<SegmentKey, Segment>& segments);

}  // namespace memtrack
