// What this machine can do with shared memory, found out by trying it: for reports, and for tests
// that would else promise too much.
#pragma once

#include <string>

#include <baton/platform/memory_backend.h>

namespace baton::platform {

struct MemoryCapabilities {
  // What memory is made of here.
  MemoryBackend backend = MemoryBackend::kMemfd;
  // Memory can be made whose size nobody can change, and that can be frozen for good.
  bool sealed = false;
  // Revoking and granting large memory costs the same at every size (Revocation::kProtect).
  bool constant_cost_revocation = false;
  // There is room for address ranges of 1 GiB, with which that holds also while other threads of
  // the process are busy. Not under a limit of address space, nor with sanitizers.
  bool wide_ranges = false;
  // What the machine says about huge pages for shared memory, e.g. "advise"; empty when it says
  // nothing. On Linux: /sys/kernel/mm/transparent_hugepage/shmem_enabled.
  std::string huge_pages_policy = {};
  // Memory made and mapped as SharedMemory does it was seen to get huge pages at once. If not, it
  // may still get some later where the policy is neither "never" nor "deny".
  bool huge_pages_seen = false;
  // This process hears when the machine is short of memory (memory_pressure.h).
  bool pressure_told = false;
};

// Takes a few milliseconds: 8 MiB are made, touched and looked at. Whatever fails on the way counts
// as something that cannot be done.
MemoryCapabilities FindMemoryCapabilities();

// One line: "memfd, sealed yes, constant-cost revocation yes, ...".
std::string ToString(const MemoryCapabilities& capabilities);

}  // namespace baton::platform
