// The part of ShmemTable that knows who has what when a channel ends, and where memory goes then.
//
// Whoever takes memory remembers that it has not told: the peer is told with what is sent anyway
// (TAKEN), and of all that is left before GOODBYE. What the peer has back, or hears to be freed,
// needs no telling while the channel goes on. At its end it does, as what is under way then is
// taken by nobody.
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/shmem/record_labels.h"
#include "runtime/shmem/shmem_table.h"
#include "runtime/shmem/store_core.h"

namespace baton::internal {

// --- Taken ---------------------------------------------------------------------------------------

void ShmemTable::NoteTaken(const std::shared_ptr<ShmemRecord>& record, std::uint64_t transfer) {
  record->set_taken(transfer);
  if (record->is_untold()) return;  // it is on the list
  record->set_untold(true);
  untold_.push_back(record->id());
  untold_count_ = untold_.size();
}

std::vector<ShmemTransfer> ShmemTable::TakeUntold(std::size_t most) {
  std::vector<ShmemTransfer> told;
  const std::lock_guard lock(mutex_);
  while (!untold_.empty() && told.size() < most) {
    const ShmemId id = untold_.front();
    untold_.pop_front();
    const auto found = safe_.find(id);
    if (found == safe_.end()) continue;
    ShmemRecord& record = *found->second;
    record.set_untold(false);
    if (record.holder() != Holder::kUs || record.taken() == record.told()) continue;
    record.set_told(record.taken());
    told.push_back({id, record.taken()});
  }
  untold_count_ = untold_.size();
  return told;
}

std::vector<ShmemTransfer> ShmemTable::TakeAllUntold() {
  std::vector<ShmemTransfer> told;
  const std::lock_guard lock(mutex_);
  untold_.clear();
  untold_count_ = 0;
  for (const auto& [id, record] : safe_) {
    record->set_untold(false);
    if (record->holder() == Holder::kPeer || record->taken() == record->told()) continue;
    record->set_told(record->taken());
    told.push_back({id, record->taken()});
  }
  return told;
}

// News that memory overtakes on its way back means nothing: data and control are in no order.
Result<void> ShmemTable::PeerTook(const ShmemTransfer& taken) {
  const std::lock_guard lock(mutex_);
  const auto found = safe_.find(taken.id);
  if (found == safe_.end()) return {};
  ShmemRecord& record = *found->second;
  if (taken.transfers == 0 || taken.transfers > record.transfers()) {
    return Fail(Rule::kShmemState);
  }
  if (taken.transfers < record.transfers()) return {};
  if (record.holder() == Holder::kUs) return Fail(Rule::kShmemState);
  record.set_holder(Holder::kPeer);
  platform::StatePoint("taken.heard");
  return {};
}

// --- Kept ----------------------------------------------------------------------------------------

Result<Shmem> ShmemTable::AllocateKept(std::uint64_t size) {
  BATON_TRY(Shmem shmem, Allocate(size, ShmemUse::kSurvivable));
  const std::lock_guard lock(mutex_);
  ShmemAccess::record(shmem)->set_kept();
  return shmem;
}

Result<void> ShmemTable::ArriveKept(const ShmemId& id, std::uint64_t size,
                                    platform::Handle handle) {
  wire::ShmemReference reference;
  reference.id_high = id.high;
  reference.id_low = id.low;
  reference.size = size;
  const std::lock_guard lock(mutex_);
  if (safe_.contains(id) || unsafe_.contains(id) || !IsIssuedByPeer(id)) {
    return Fail(Rule::kShmemId);
  }
  if (safe_.size() + unmapped_releases_ >= kMaxUnreleased) return Fail(Rule::kQuota);
  auto mapped = MapReceived(ShmemKind::kSafe, reference, std::move(handle));
  if (!mapped) {
    if (mapped.error() != Cause::kPeerFault) ++not_kept_;
    return Fail(mapped.error());
  }
  const auto record = *std::move(mapped);
  record->note().HandedOver("", 0);
  if (const auto revoked = record->mapping().Revoke(); !revoked) {
    mapped_bytes_ -= size;
    ++not_kept_;
    return Fail(revoked.error());
  }
  record->NotePeer(label_rule_.of_peer, peer_life_->number());
  record->set_holder(Holder::kPeer);
  record->set_kept();
  safe_.emplace(id, record);
  platform::StatePoint("memory.kept");
  return {};
}

// --- The end -------------------------------------------------------------------------------------

bool ShmemTable::HasTheirs() const {
  if (store_ == nullptr) return false;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : safe_) {
    if (record->is_theirs() && !record->is_given_back()) return true;
  }
  return false;
}

void ShmemTable::Close(Parting parting) {
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> unmapped_outside_the_lock;
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> lent_outside_the_lock;
  ShmemPool::Pieces pooled_outside_the_lock;
  std::function<void()> forgotten_outside_the_lock;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    peer_life_->ChannelEnded();
    on_release_ = nullptr;
    forgotten_outside_the_lock.swap(on_pooled_);
    pooled_outside_the_lock = pool_.Clear();
    releases_.clear();
    release_count_ = unmapped_releases_ = 0;
    untold_.clear();
    untold_count_ = 0;
    unmapped_outside_the_lock.swap(safe_);
    lent_outside_the_lock.swap(lent_unsafe_);
    unsafe_.clear();
    mapped_bytes_ = lent_bytes_ = 0;
    frozen_count_ = 0;
  }
  const auto store = std::exchange(store_, nullptr);
  if (store == nullptr) return;
  Estate estate = {protocol_, label_rule_.of_peer, parting, peer_life_, {}};
  for (const auto& [id, record] : unmapped_outside_the_lock) {
    // What was given back to be used again holds nothing.
    if (record->is_theirs() && !record->is_given_back()) estate.records.push_back(record);
  }
  if (!estate.records.empty()) store->Inherit(std::move(estate));
}

// --- To another channel --------------------------------------------------------------------------

Result<void> ShmemTable::Attach(Shmem& shmem) {
  if (ShmemAccess::sent(shmem)) return Fail(Errc::kAlreadySent);
  auto& record = ShmemAccess::record(shmem);
  if (record == nullptr) return Fail(Errc::kEmptyShmem);
  const auto before = record->table().lock();
  if (before.get() == this) return {};
  const bool is_of_domain = label_rule_.of_peer != 0 && record->domain() == label_rule_.of_peer;
  if (record->was_at_peer() && !is_of_domain) return Fail(Errc::kOtherTrustDomain);
  const std::uint64_t size = record->memory().size();
  ShmemPool::Pieces unmapped;
  {
    const std::lock_guard lock(mutex_);
    BATON_CHECKED(MakeRoom(size, unmapped));
    if (safe_.contains(record->id()) || unsafe_.contains(record->id())) {
      return Fail(Errc::kAlreadySent);  // this very memory, known from the peer
    }
  }
  if (before != nullptr) before->Free(*record, false);  // where it is open, its peer lets go of it
  record->note() = MemoryNote();                        // of the mapping that moves
  auto attached = std::make_shared<ShmemRecord>(weak_from_this(), ShmemKind::kSafe, record->id(),
                                                record->TakeMemory(), record->TakeMapping());
  attached->Follow(*record);
  NoteRecord(*attached, protocol_);
  List(*attached);
  const std::lock_guard lock(mutex_);
  safe_.emplace(attached->id(), attached);
  mapped_bytes_ += size;
  record = std::move(attached);
  platform::StatePoint("memory.attached");
  return {};
}

}  // namespace baton::internal
