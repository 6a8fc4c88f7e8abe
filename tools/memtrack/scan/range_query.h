// PROCMAP_QUERY: the ioctl of /proc/PID/maps that leaves out what is not asked for and writes no
// text (Linux 6.11; include/uapi/linux/fs.h, which Debian 12's headers do not have yet).
#pragma once

#include <cstdint>
#include <string>

#include <baton/base/result.h>

#include "tools/memtrack/scan/mapped_range.h"

namespace memtrack {

using baton::Result;

// The mapping of a file that covers `address`, or else the next one, into `range`, and its raw name
// into `path` unless that is null. False when there is none. `maps` is an open /proc/PID/maps.
// Errors: ENOTTY where the kernel has no such thing; ESRCH when the process has ended.
Result<bool> QueryRange(int maps, std::uint64_t address, MappedRange& range, std::string* path);

}  // namespace memtrack
