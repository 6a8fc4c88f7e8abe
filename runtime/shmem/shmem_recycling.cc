// The part of ShmemTable that gives freed memory out again instead of unmapping it.
//
//   freed by who has made it       -> its own pool, at once
//   freed by the other side        -> revoked there, RELEASE with keeps_mapping -> the maker's pool
//   trimmed, or no room in a pool  -> RELEASE as of memory that is not pooled: both sides unmap
//
// So memory goes home: one side that produces and another that consumes have a steady state, too.
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/shmem/shmem_table.h"

namespace baton::internal {

// --- Out of the pool -----------------------------------------------------------------------------

// Null: there is none, and the memory is to be made.
std::shared_ptr<ShmemRecord> ShmemTable::Recycled(std::uint64_t size) {
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  const std::uint64_t capacity = pool_.CapacityFor(size);
  if (capacity == 0) return nullptr;
  auto piece = pool_.Take(capacity);
  if (piece == nullptr) return nullptr;
  if (piece->needs_grant() && !piece->mapping().Grant()) {
    Drop({piece});
    unmapped_outside_the_lock = std::move(piece);
    return nullptr;
  }
  piece->set_needs_grant(false);
  piece->set_size(size);
  piece->set_holder(Holder::kUs);
  platform::StatePoint("memory.recycled");
  return piece;
}

// How large memory of `size` bytes is to be made: of a size class where that fits, exactly as large
// otherwise.
Result<std::uint64_t> ShmemTable::RoomFor(ShmemKind kind, std::uint64_t size, ShmemUse use,
                                          ShmemPool::Pieces& unmapped) {
  const bool may_be_pooled = kind == ShmemKind::kSafe && use == ShmemUse::kOrdinary;
  const std::uint64_t capacity = may_be_pooled ? pool_.CapacityFor(size) : 0;
  if (capacity != 0 && MakeRoom(capacity, unmapped)) return capacity;
  BATON_CHECKED(MakeRoom(size, unmapped));
  return size;
}

Result<void> ShmemTable::MakeRoom(std::uint64_t size, ShmemPool::Pieces& unmapped) {
  auto room = CheckQuota(size);
  if (room || pool_.empty()) return room;
  unmapped = pool_.Clear();
  Drop(unmapped);
  return CheckQuota(size);
}

// --- Into the pool -------------------------------------------------------------------------------

// False: `freed` is to be unmapped.
bool ShmemTable::Recycle(const std::shared_ptr<ShmemRecord>& freed) {
  if (!freed->may_be_pooled()) return false;
  if (IsIssuedByPeer(freed->id())) return GiveBack(*freed);
  if (!pool_.Put(freed)) return false;
  freed->Tell(platform::RegistryState::kPooled);
  platform::StatePoint("memory.pooled");
  PoolIsUsed();
  return true;
}

bool ShmemTable::GiveBack(ShmemRecord& freed) {
  if (!pool_.NoteGivenBack(freed)) return false;
  if (!freed.mapping().Revoke()) {
    pool_.ForgetGivenBack(freed);
    return false;
  }
  const std::uint64_t transfers = freed.transfers();
  freed.Pass(Holder::kPeer, transfers + 1);
  Release(freed.id(), transfers, true);
  platform::StatePoint("memory.given_back");
  return true;
}

// The peer, who owned it, has given it back. False: there is no room for it. Errors: kShmemReturn.
Result<bool> ShmemTable::Returned(const std::shared_ptr<ShmemRecord>& record) {
  const bool is_ours = record->may_be_pooled() && !IsIssuedByPeer(record->id());
  if (!is_ours) return Fail(Rule::kShmemReturn);
  ForgetLoan(*record);
  record->Pass(Holder::kUs, record->transfers() + 1);
  record->set_needs_grant(true);
  if (!pool_.Put(record)) return false;
  record->Tell(platform::RegistryState::kPooled);
  platform::StatePoint("memory.returned");
  PoolIsUsed();
  return true;
}

// --- Letting go of it ----------------------------------------------------------------------------

void ShmemTable::WatchPool(std::function<void()> on_pooled) {
  const std::lock_guard lock(mutex_);
  on_pooled_ = std::move(on_pooled);
}

void ShmemTable::PoolIsUsed() {
  if (pool_is_aged_ || !on_pooled_) return;
  pool_is_aged_ = true;
  on_pooled_();
}

void ShmemTable::Drop(const ShmemPool::Pieces& pieces) {
  for (const auto& piece : pieces) {
    mapped_bytes_ -= piece->memory().size();
    safe_.erase(piece->id());
    if (piece->transfers() > 0) Release(piece->id(), piece->transfers());
    platform::StatePoint("memory.trimmed");
  }
}

bool ShmemTable::TrimIdle() {
  ShmemPool::Pieces unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  unmapped_outside_the_lock = pool_.Age();
  Drop(unmapped_outside_the_lock);
  pool_is_aged_ = !pool_.empty();
  return pool_is_aged_;
}

void ShmemTable::Trim() {
  ShmemPool::Pieces unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  unmapped_outside_the_lock = pool_.Clear();
  Drop(unmapped_outside_the_lock);
}

PoolStatistics ShmemTable::pool_statistics() const {
  const std::lock_guard lock(mutex_);
  return pool_.statistics();
}

}  // namespace baton::internal
