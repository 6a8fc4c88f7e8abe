// What a process says in its registry (docs/memtrack-registry.md) of Baton's memory: read before
// its mappings and after them, so that what did not change meanwhile can be held against these.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <baton/platform/account/registry_reader.h>
#include <baton/platform/handle.h>

#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// A descriptor that leads to memory which is called like a registry.
struct SeenRegistry {
  int descriptor = -1;
  SegmentKey memory;
};

struct RegistryFindings {
  std::vector<ProcessRegistry> registries;
  std::vector<Claim> claims;
};

class RegistryReading {
 public:
  // The first time. `descriptors` is the open folder /proc/PID/fd. Errors: only that we are short.
  static Result<std::vector<RegistryReading>> Begin(const ProcFolder& descriptors,
                                                    const std::vector<SeenRegistry>& seen);

  // The second time, when `mappings` of `process` have been read. A registry is that of whoever
  // maps it writable, which the kernel lets nobody else do; others only have a descriptor of it,
  // and of them nothing is said here. Adds to `findings`.
  static Result<void> Finish(const std::vector<RegistryReading>& readings,
                             const ProcessKey& process, const std::vector<MappingHold>& mappings,
                             RegistryFindings& findings);

 private:
  RegistryReading(const SegmentKey& memory, Handle file)
      : memory_(memory), file_(std::move(file)) {}

  static Result<std::optional<RegistryReading>> Open(const ProcFolder& descriptors,
                                                     const SeenRegistry& seen);
  Result<void> ReadAgain(const ProcessKey& process, RegistryFindings& findings) const;

  SegmentKey memory_;
  Handle file_;
  bool is_sealed_ = false;
  std::optional<baton::platform::Registry> first_;  // nothing: it is none
};

// Of all processes together: a registry that several of them can write is nobody's; numbers of
// peers mean something in our own namespace of processes only; and of what kind the memory is
// stands in `segments`.
void SettleClaims(const std::vector<Process>& processes, std::uint64_t own_pid_namespace,
                  const std::vector<Segment>& segments, RegistryFindings& all);

}  // namespace memtrack
