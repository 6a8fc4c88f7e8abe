// Reads another process's registry (registry_format.h). Nothing in there is believed: whoever wrote
// it may be anybody, and may be writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/account/registry_format.h>
#include <baton/platform/handle.h>

namespace baton::platform {

struct RegistryEntry {
  std::uint32_t number = 0;    // of the entry
  std::uint64_t sequence = 0;  // grows with each change, and is even
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  RegistryState state = RegistryState::kOwned;
  bool keeps_access = false;
  int peer_pid = 0;  // as the writer sees it; 0: not known
  std::uint64_t bytes = 0;
  std::uint64_t transfers = 0;
  std::uint64_t since = 0;
  friend bool operator==(const RegistryEntry&, const RegistryEntry&) = default;
};

struct Registry {
  std::uint32_t pid = 0;
  std::uint64_t unlisted = 0;
  std::uint32_t nonsense = 0;          // entries that no version of Baton writes
  std::uint32_t torn = 0;              // that were being written
  std::vector<RegistryEntry> entries;  // by number; those in use
};

// Of bytes that were copied before. Errors: std::errc::bad_message when it is no registry, of
// another version, or shorter than it says.
Result<Registry> ParseRegistry(std::span<const std::byte> copy);

// Copies it first, by reading, so that it does not matter what its writer does to it meanwhile.
// Errors: those of ParseRegistry; the system's.
Result<Registry> ReadRegistry(const Handle& file);

// What did not change from one reading to the next, so that it was true all the while.
std::vector<RegistryEntry> Unchanged(const Registry& before, const Registry& after);

// Whether nobody but those who map it writable now can ever write it, or change its size.
Result<bool> IsSealedRegistry(const Handle& file);

}  // namespace baton::platform
