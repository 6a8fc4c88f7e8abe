// macOS: what shared_memory.h declares, made of Mach memory entries. Not built yet
// (docs/porting.md); which calls each function is made of, and what they are known to get wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <baton/base/result.h>
#include <baton/platform/map_options.h>
#include <baton/platform/memory_backend.h>

#include "platform/mach/mach_port.h"

namespace baton::platform::mach {

// Nobody can change the size of an entry; a mapping beyond its end fails instead of faulting later.
// The proof of a freeze is replaced by a copy on write: a private view that no sender can reach.
inline constexpr BackendCapabilities kCapabilities = {
    .name = "Mach memory entries", .sealed = true, .freeze_is_proof = false, .is_anonymous = true};

// vm_prot_t
enum class Protection : std::int32_t { kNone = 0, kRead = 1, kReadWrite = 3 };

class MemoryEntry;

// What platform::Mapping is here; mach_vm_deallocate(task, address, rounded size) at its end. The
// length that is given back has to be the rounded one.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::span<std::byte> bytes() const { return bytes_; }
  explicit operator bool() const { return !bytes_.empty(); }
  // With the guard pages on either side.
  std::span<std::byte> reach() const { return reach_; }
  // An entry does not shrink.
  bool is_damaged() const { return false; }

  // mach_vm_protect(task, address, length, set_maximum = FALSE, VM_PROT_NONE). With set_maximum =
  // TRUE it cannot be undone: for memory that is never to come back.
  Result<void> Revoke();
  // The same with VM_PROT_READ | VM_PROT_WRITE.
  Result<void> Grant();
  // mach_vm_map(VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE) of nothing (MEMORY_OBJECT_NULL, VM_PROT_NONE)
  // over it: the addresses stay reserved.
  Result<void> Withdraw();
  // The same of the entry, VM_PROT_READ | VM_PROT_WRITE.
  Result<void> Restore(const MemoryEntry& memory);

 private:
  std::span<std::byte> bytes_;
  std::span<std::byte> reach_;
};

// One memory entry: a send right to it. Sent as a mach_msg_port_descriptor_t with
// MACH_MSG_TYPE_MOVE_SEND (mach_message.h).
class MemoryEntry {
 public:
  // memory_object_size_t size = RoundUp(n);
  // mach_make_memory_entry_64(mach_task_self(), &size, 0,
  //                           MAP_MEM_NAMED_CREATE | VM_PROT_READ | VM_PROT_WRITE, &port,
  //                           MACH_PORT_NULL)
  // Then IsWholeEntry(n, size). `name` has nowhere to show: mach_memory_entry_ownership and the
  // purgeable tag are for accounting. Pages come with the first touch; the system has swap behind
  // them, so there is nothing to reserve and no SIGBUS to fear.
  static Result<MemoryEntry> Create(std::string_view name, std::uint64_t size);

  // Believes nothing: the right may be to any port. mach_vm_map of all of it with cur = max =
  // VM_PROT_READ | VM_PROT_WRITE is the check: KERN_INVALID_OBJECT is no entry
  // (Rule::kHandleKind), KERN_INVALID_RIGHT one for reading only (kHandleKind),
  // KERN_INVALID_ARGUMENT or KERN_NO_SPACE one that is shorter than announced (kHandleSize). Longer
  // by less than a page is as it should be; longer than that is seen by mapping the page behind,
  // which has to fail.
  static Result<MemoryEntry> Adopt(SendRight right, std::uint64_t announced_size);

  // mach_vm_map(task, &address, RoundUp(size), 0, VM_FLAGS_ANYWHERE, port, 0, copy = FALSE,
  //             cur, max, VM_INHERIT_NONE) with cur = max = what was asked for: nobody can then
  // raise it by mprotect, and a forked child has none of it. Guards: map one page more on either
  // side with VM_PROT_NONE first, then VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE inside of that.
  // Revocation::kUnmap: mach_vm_deallocate and a reservation in its place; kMoved does not exist.
  Result<Mapping> Map(const MapOptions& options) const;

  // A right for reading only, which stays that in any process: map it VM_PROT_READ (cur = max),
  // mach_make_memory_entry_64(task, &size, address, VM_PROT_READ, &port, MACH_PORT_NULL), unmap.
  // Made of a writable mapping the new entry keeps the right to write.
  Result<SendRight> ToReadOnly() const;

  // What the sender writes from here on does not show: mach_vm_map with copy = TRUE, or an entry
  // with MAP_MEM_VM_COPY. Copy headers out of it all the same: the kernel's copies on write have
  // had races (vm_map_copy).
  Result<Mapping> MapSnapshot() const;

  std::uint64_t size() const { return size_; }

 private:
  SendRight right_;
  std::uint64_t size_ = 0;
};

}  // namespace baton::platform::mach
