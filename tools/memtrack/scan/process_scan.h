// All that one look finds out about one process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <system_error>
#include <vector>

#include "tools/memtrack/scan/in_flight.h"
#include "tools/memtrack/scan/open_process.h"
#include "tools/memtrack/scan/process_stat.h"
#include "tools/memtrack/scan/registries.h"
#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/segment_table.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// What hardly stays the same when a process opens, closes, maps or unmaps something.
struct Fingerprint {
  ProcessKey process;
  std::uint32_t owner = 0;  // of its `fd`: root's from when we may look into it no more
  int threads = 0;
  std::uint64_t descriptors = 0;  // how many are open
  ProcessPages pages;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

struct ProcessFindings {
  Process process;
  std::vector<DescriptorHold> descriptors;
  std::vector<MappingHold> mappings;
  std::vector<SeenSocket> sockets;
  std::vector<SeenRegistry> seen_registries;
  RegistryFindings registry;
  InFlightFindings in_flight;
  std::optional<Fingerprint> fingerprint;   // where the kernel says all of it
  std::optional<OpenProcess> open;          // for the next scan
  bool is_reused = false;                   // from the scan before
  std::optional<std::error_code> shortage;  // of ours, for which it could not be read
};

// What the scan before has found, to start from.
struct Earlier {
  ProcessFindings* findings = nullptr;  // is moved from when it still holds
  const std::map<SegmentKey, Segment>* segments = nullptr;
};

// Reads the mappings into `findings`, and what registries say before and after that. `task` is the
// open folder of who has the descriptors. Errors: as of reading mappings; that we are short.
Result<void> ReadWithRegistries(const ProcFolder& task, const std::vector<SeenRegistry>& seen,
                                const std::function<Result<void>()>& read_mappings,
                                ProcessFindings& findings);

// std::nullopt when the process has ended meanwhile. Whatever goes wrong costs this process alone:
// it is not readable then. Where not even its start can be read for want of descriptors, that is 0.
std::optional<ProcessFindings> ScanProcess(const ScanContext& context, int pid, Earlier earlier,
                                           SegmentTable& segments);

}  // namespace memtrack
