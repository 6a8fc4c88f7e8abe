// The entry of one piece of shared memory in this process's registry (registry_format.h). The
// registry is made with the first entry that may make it, by memory that nobody else can write; a
// forked child has none of its parent's, and makes its own.
//
//   MemoryListing listing(memory.handle(), {.bytes = n}, MakeRegistry::kYes);
//   listing.Set(RegistryState::kInFlight, transfers, peer_pid);
//
// Best effort: without memory for it, a file for it, or an entry left, there is none, and nobody
// minds. Any thread; one at a time for each listing.
#pragma once

#include <cstdint>

#include <baton/platform/account/registry_format.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Where a process may make no memory (a sandbox), it is not to try.
enum class MakeRegistry : std::uint8_t { kNo, kYes };

struct ListedMemory {
  RegistryState state = RegistryState::kOwned;
  std::uint64_t bytes = 0;
  bool keeps_access = false;  // kKeepsAccess
};

class MemoryListing {
 public:
  MemoryListing() = default;
  // Some system calls, for the first one; then one.
  MemoryListing(const Handle& object, const ListedMemory& memory, MakeRegistry making);
  MemoryListing(MemoryListing&& other) noexcept;
  MemoryListing& operator=(MemoryListing&& other) noexcept;
  ~MemoryListing();

  // A few stores, no system call. `peer_pid` 0: not known.
  void Set(RegistryState state, std::uint64_t transfers, int peer_pid);
  void SetBytes(std::uint64_t bytes);

 private:
  enum class Place : std::uint8_t { kNone, kEntry, kUnlisted };

  bool IsOfThisProcess() const;

  Place place_ = Place::kNone;
  std::uint8_t flags_ = 0;
  std::uint16_t entry_ = 0;
  std::uint32_t process_ = 0;  // counts forks: an entry of the parent's is none of the child's
};

}  // namespace baton::platform
