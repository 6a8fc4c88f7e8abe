// One piece of frozen memory as this process knows it, and what it counts for in a channel's quota.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <baton/frozen_shmem.h>
#include <baton/platform/account/memory_listing.h>
#include <baton/platform/frozen_memory.h>

#include "runtime/shmem/memory_note.h"

namespace baton::internal {

class ShmemTable;

// So many bytes, and one piece, of the memory that a channel may have mapped here. Given back when
// this goes away, unless the channel has ended before. Move-only; empty when moved from.
class FrozenCharge {
 public:
  FrozenCharge(std::weak_ptr<ShmemTable> table, std::uint64_t bytes)
      : table_(std::move(table)), bytes_(bytes) {}
  FrozenCharge(FrozenCharge&& other) noexcept = default;
  FrozenCharge& operator=(FrozenCharge&&) = delete;
  ~FrozenCharge();

 private:
  std::weak_ptr<ShmemTable> table_;
  std::uint64_t bytes_;
};

class FrozenRecord {
 public:
  // `size` of its bytes were asked for; the memory may be larger.
  FrozenRecord(ShmemId id, std::uint64_t size, platform::FrozenMemory memory,
               platform::FrozenMapping mapping, MemoryNote note, platform::MakeRegistry making,
               FrozenCharge charge)
      : id_(id),
        size_(size),
        memory_(std::move(memory)),
        mapping_(std::move(mapping)),
        note_(std::move(note)),
        listing_(memory_.handle(),
                 {.state = platform::RegistryState::kFrozen, .bytes = size_, .keeps_access = true},
                 making),
        charge_(std::move(charge)) {}

  ShmemId id() const { return id_; }
  const platform::FrozenMemory& memory() const { return memory_; }
  std::uint64_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return mapping_.bytes().first(size_); }

 private:
  const ShmemId id_;
  const std::uint64_t size_;
  const platform::FrozenMemory memory_;
  const platform::FrozenMapping mapping_;
  const MemoryNote note_;  // behind the mapping, so that it ends first
  const platform::MemoryListing listing_;
  const FrozenCharge charge_;
};

// The door between the public handle and the runtime.
class FrozenAccess {
 public:
  static const std::shared_ptr<const FrozenRecord>& record(const FrozenShmem& shmem) {
    return shmem.record_;
  }
  static FrozenShmem Make(std::shared_ptr<const FrozenRecord> record) {
    FrozenShmem shmem;
    shmem.record_ = std::move(record);
    return shmem;
  }
};

}  // namespace baton::internal
