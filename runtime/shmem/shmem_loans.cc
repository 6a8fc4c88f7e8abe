// The part of ShmemTable that knows memory which one side has made for the other.
//
// Safe memory is handed over with its first transfer, and counts as lent until the peer has freed
// it or given it to this side. Of unsafe memory nobody hears when the peer lets go of it, but for
// what was lent: whoever has borrowed it says so, with a RELEASE of transfer 0, and the lender
// keeps it until then.
#include <utility>

#include "runtime/shmem/shmem_table.h"

namespace baton::internal {
namespace {

// The memory is this side's to use from here on, and to pay for. Emptying the handle gives it back.
template <class Memory>
Result<void> ReserveBorrowed(Memory& memory) {
  ShmemRecord& record = *ShmemAccess::record(memory);
  if (!record.needs_backing()) return {};
  const auto reserved = record.memory().Reserve();
  if (reserved) {
    record.set_needs_backing(false);
  } else {
    memory = Memory();
  }
  return reserved;
}

}  // namespace

Result<void> ShmemTable::CheckRoom(std::uint64_t size) {
  ShmemPool::Pieces unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  return MakeRoom(size, unmapped_outside_the_lock);
}

Result<void> ShmemTable::CheckLoan(std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  if (size > max_lent_bytes_ || lent_bytes_ > max_lent_bytes_ - size) {
    return Fail(Errc::kOverQuota);
  }
  return {};
}

void ShmemTable::NoteLent(ShmemRecord& record) {
  record.set_lent(true);
  lent_bytes_ += record.size();
}

// The peer does not hold it any more.
void ShmemTable::ForgetLoan(ShmemRecord& record) {
  if (!record.is_lent()) return;
  record.set_lent(false);
  lent_bytes_ -= record.size();
}

Result<Shmem> ShmemTable::Lend(std::uint64_t size) {
  BATON_CHECKED(CheckLoan(size));
  Shmem memory;
  auto& record = ShmemAccess::record(memory);
  record = Recycled(size);
  if (record == nullptr) {
    BATON_TRY(record, Create(ShmemKind::kSafe, size, platform::SharedMemory::CreateUnbacked));
    record->set_needs_backing(true);
  }
  const std::lock_guard lock(mutex_);
  NoteLent(*record);
  return memory;
}

Result<UnsafeShmem> ShmemTable::LendUnsafe(std::uint64_t size) {
  BATON_CHECKED(CheckLoan(size));
  BATON_TRY(auto record, Create(ShmemKind::kUnsafe, size, platform::SharedMemory::CreateUnbacked));
  UnsafeShmem memory;
  const std::lock_guard lock(mutex_);
  NoteLent(*record);
  lent_unsafe_.emplace(record->id(), record);
  ShmemAccess::record(memory) = std::move(record);
  return memory;
}

bool ShmemTable::TakeBack(const ShmemId& id) {
  std::shared_ptr<ShmemRecord> forgotten_outside_the_lock;
  const std::lock_guard lock(mutex_);
  const auto found = lent_unsafe_.find(id);
  if (found == lent_unsafe_.end()) return false;
  ForgetLoan(*found->second);
  forgotten_outside_the_lock = std::move(found->second);
  lent_unsafe_.erase(found);
  return true;
}

Result<void> ShmemTable::ArriveLent(const wire::IncomingShmem& lent,
                                    std::vector<platform::Handle> handles, std::uint64_t asked) {
  const wire::ShmemReference& reference = lent.reference;
  const ShmemId id = {reference.id_high, reference.id_low};
  if (reference.size != asked) return Fail(Rule::kHandleSize);
  const bool is_new = reference.handle != wire::ShmemReference::kNoIndex;
  const bool is_unsafe = lent.kind == wire::Kind::kUnsafeShmem;
  if (!is_new && (is_unsafe || reference.capacity == 0)) return Fail(Rule::kHandleIndex);
  if (!is_new && !IsIssuedByPeer(id)) return Fail(Rule::kShmemId);
  if (is_unsafe) {
    const std::lock_guard lock(mutex_);
    if (unsafe_.contains(id) || !IsIssuedByPeer(id)) return Fail(Rule::kShmemId);
  }
  const auto arrived = Arrive(std::span(&lent, 1), std::move(handles));
  if (!arrived) {
    const std::lock_guard lock(mutex_);
    if (is_unsafe && arrived.error() != Cause::kPeerFault) Release(id, 0);
    return arrived;
  }
  if (!is_unsafe) {
    auto& memory = *static_cast<Shmem*>(lent.memory);
    if (is_new) ShmemAccess::record(memory)->set_needs_backing(true);
    return ReserveBorrowed(memory);
  }
  auto& memory = *static_cast<UnsafeShmem*>(lent.memory);
  {
    const std::lock_guard lock(mutex_);
    ShmemAccess::record(memory)->set_borrowed();
  }
  ShmemAccess::record(memory)->set_needs_backing(true);
  return ReserveBorrowed(memory);
}

}  // namespace baton::internal
