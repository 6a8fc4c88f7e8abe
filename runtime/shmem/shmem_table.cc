#include "runtime/shmem/shmem_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include <baton/platform/entropy.h>
#include <baton/platform/state_point.h>

#include "runtime/shmem/record_labels.h"
#include "runtime/shmem/store_core.h"

namespace baton::internal {
namespace {

// The top bit of an id says which side made it.
constexpr std::uint64_t kIssuerBit = std::uint64_t{1} << 63;

// Of what a channel may map, a quarter at most lies unused: the peer counts it as well.
constexpr std::size_t kPoolShare = 4;

std::string NameOf(const std::string& protocol, const ShmemId& id) {
  std::array<char, 17> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(id.high));
  return "baton:" + protocol + ":" + digits.data();
}

}  // namespace

ShmemRecord::~ShmemRecord() {
  if (kind_ != ShmemKind::kUnsafe) return;
  if (const auto table = table_.lock()) table->Forget(*this);
}

platform::RegistryState ShmemRecord::StateAt(Holder holder) {
  switch (holder) {
    case Holder::kUs: return platform::RegistryState::kOwned;
    case Holder::kInFlight: return platform::RegistryState::kInFlight;
    case Holder::kPeer: return platform::RegistryState::kAtPeer;
    case Holder::kBoth: return platform::RegistryState::kShared;
  }
  return platform::RegistryState::kShared;
}

ShmemTable::ShmemTable(Side side, std::string protocol, const ChannelOptions& options,
                       std::function<void()> on_release, std::shared_ptr<PeerLife> peer_life)
    : side_(side),
      protocol_(std::move(protocol)),
      max_bytes_(options.max_shmem_bytes),
      max_count_(options.max_shmem_count),
      max_lent_bytes_(options.max_lent_bytes),
      label_rule_{options.trust_label, options.believe_labels},
      peer_life_(std::move(peer_life)),
      store_(StoreCore::Of(options.store)),
      revocation_(options.revocation),
      unsealed_(options.unsealed_memory),
      making_registry_(options.memory_from == MemorySource::kPeer ? platform::MakeRegistry::kNo
                                                                  : platform::MakeRegistry::kYes),
      on_release_(std::move(on_release)),
      pool_(std::min(options.max_pooled_bytes, options.max_shmem_bytes / kPoolShare),
            options.max_shmem_count / kPoolShare) {}

Result<Shmem> ShmemTable::Allocate(std::uint64_t size, ShmemUse use) {
  Shmem shmem;
  auto& record = ShmemAccess::record(shmem);
  if (use == ShmemUse::kOrdinary) record = Recycled(size);
  if (record == nullptr) {
    BATON_TRY(record, Create(ShmemKind::kSafe, size, platform::SharedMemory::Create, use));
  } else if (record->needs_backing()) {
    BATON_CHECKED(record->memory().Reserve());
    record->set_needs_backing(false);
  }
  return shmem;
}

Result<UnsafeShmem> ShmemTable::AllocateUnsafe(std::uint64_t size) {
  BATON_TRY(auto record, Create(ShmemKind::kUnsafe, size));
  UnsafeShmem shmem;
  ShmemAccess::record(shmem) = std::move(record);
  return shmem;
}

Result<std::shared_ptr<ShmemRecord>> ShmemTable::Create(ShmemKind kind, std::uint64_t size,
                                                        MakeMemory make, ShmemUse use) {
  std::uint64_t object_size = size;
  ShmemPool::Pieces unmapped;
  {
    const std::lock_guard lock(mutex_);
    BATON_TRY(object_size, RoomFor(kind, size, use, unmapped));
  }
  unmapped.clear();
  // Not under the lock: gigabytes take their time. Only the executor adds, so the quota holds.
  BATON_TRY(const ShmemId id, NewId());
  BATON_TRY(auto memory, make(NameOf(protocol_, id), object_size));
  LabelMemory(memory, kind, protocol_, id);
  BATON_TRY(auto mapping, memory.Map(HowToMap(kind, use)));
  const std::lock_guard lock(mutex_);
  auto record = std::make_shared<ShmemRecord>(weak_from_this(), kind, id, std::move(memory),
                                              std::move(mapping));
  if (use == ShmemUse::kFreezable) record->set_freezable();
  NoteRecord(*record, protocol_);
  record->set_size(size);
  List(*record);
  if (kind == ShmemKind::kSafe) {
    record->set_capacity(
        use == ShmemUse::kOrdinary && pool_.CapacityFor(size) == object_size ? object_size : 0);
    safe_.emplace(id, record);
  } else {
    unsafe_.emplace(id, Shared{record, size});
  }
  mapped_bytes_ += object_size;
  platform::StatePoint("memory.allocated");
  return record;
}

void ShmemTable::List(ShmemRecord& record) const {
  record.List(revocation_ == platform::Revocation::kNone, making_registry_);
}

// Unsafe memory is never revoked, and does not pay for it.
platform::MapOptions ShmemTable::HowToMap(ShmemKind kind, ShmemUse use) const {
  if (use == ShmemUse::kFreezable) return {.revocation = platform::Revocation::kUnmap};
  return {.revocation = kind == ShmemKind::kSafe ? revocation_ : platform::Revocation::kNone};
}

Result<void> ShmemTable::CheckQuota(std::uint64_t size) const {
  if (size == 0) return Fail(std::make_error_code(std::errc::invalid_argument));
  const bool too_many = safe_.size() + unsafe_.size() + frozen_count_ >= max_count_;
  const bool too_large = size > max_bytes_ || mapped_bytes_ > max_bytes_ - size;
  if (too_many || too_large) return Fail(Errc::kOverQuota);
  return {};
}

Result<ShmemId> ShmemTable::NewId() const {
  ShmemId id;
  BATON_CHECKED(platform::FillRandom(std::as_writable_bytes(std::span(&id, 1))));
  id.high = side_ == Side::kChild ? id.high | kIssuerBit : id.high & ~kIssuerBit;
  return id;
}

bool ShmemTable::IsIssuedByPeer(const ShmemId& id) const {
  const bool issued_by_child = (id.high & kIssuerBit) != 0;
  return issued_by_child == (side_ == Side::kParent);
}

Result<void> ShmemTable::Deallocate(Shmem& shmem) {
  if (ShmemAccess::sent(shmem)) return Fail(Errc::kAlreadySent);
  const auto& record = ShmemAccess::record(shmem);
  if (record == nullptr) return Fail(Errc::kEmptyShmem);
  if (record->table().lock().get() != this) return Fail(Errc::kWrongChannel);
  shmem = Shmem();
  return {};
}

Result<void> ShmemTable::Deallocate(UnsafeShmem& shmem) {
  const auto& record = ShmemAccess::record(shmem);
  if (record == nullptr) return Fail(Errc::kEmptyShmem);
  if (record->table().lock().get() != this) return Fail(Errc::kWrongChannel);
  shmem = UnsafeShmem();
  return {};
}

void ShmemTable::Free(ShmemRecord& record, bool may_be_used_again) {
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  {
    const std::lock_guard lock(mutex_);
    const auto found = safe_.find(record.id());
    if (closed_ || found == safe_.end()) return;
    ForgetLoan(record);
    if (may_be_used_again && Recycle(found->second)) return;
    unmapped_outside_the_lock = std::move(found->second);
    safe_.erase(found);
    mapped_bytes_ -= record.memory().size();
    if (record.is_known_to_peer()) Release(record.id(), record.transfers());
    platform::StatePoint("memory.freed");
  }
}

void ShmemTable::TakeBack(Shmem& shmem) {
  auto& record = ShmemAccess::record(shmem);
  if (record->mapping().Grant()) return record->note().CameBack();
  mapped_bytes_ -= record->memory().size();
  safe_.erase(record->id());
  if (record->is_known_to_peer()) Release(record->id(), record->transfers());
  record.reset();
}

void ShmemTable::Forget(const ShmemRecord& record) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (record.is_borrowed()) Release(record.id(), 0);
  const auto found = unsafe_.find(record.id());
  if (found == unsafe_.end() || !found->second.record.expired()) return;
  mapped_bytes_ -= found->second.size;
  unsafe_.erase(found);
}

void ShmemTable::Release(ShmemId id, std::uint64_t transfers, bool keeps_mapping) {
  releases_.push_back({id, transfers, keeps_mapping});
  if (!keeps_mapping) ++unmapped_releases_;
  release_count_ = releases_.size();
  if (on_release_) on_release_();
}

std::vector<ShmemRelease> ShmemTable::TakeReleases(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, releases_.size()));
  std::vector<ShmemRelease> taken(releases_.begin(), releases_.begin() + count);
  releases_.erase(releases_.begin(), releases_.begin() + count);
  unmapped_releases_ -=
      static_cast<std::size_t>(std::ranges::count(taken, false, &ShmemRelease::keeps_mapping));
  release_count_ = releases_.size();
  return taken;
}

Result<void> ShmemTable::PeerReleased(const ShmemRelease& release) {
  const bool may_be_lent = release.transfers == 0 && !release.keeps_mapping;
  if (may_be_lent && TakeBack(release.id)) return {};
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  const auto found = safe_.find(release.id);
  if (found == safe_.end()) {
    // What the peer gave us to keep, and we had no room for, we do not know.
    const bool may_be_that = release.transfers == 0 && IsIssuedByPeer(release.id) && not_kept_ > 0;
    if (!may_be_that) return Fail(Rule::kShmemId);
    --not_kept_;
    return {};
  }
  ShmemRecord& record = *found->second;
  if (!record.is_theirs() || record.transfers() != release.transfers)
    return Fail(Rule::kShmemState);
  pool_.ForgetGivenBack(record);
  if (release.keeps_mapping) {
    BATON_TRY(const bool is_kept, Returned(found->second));
    if (is_kept) return {};
    Release(record.id(), record.transfers());
  }
  mapped_bytes_ -= record.memory().size();
  ForgetLoan(record);
  unmapped_outside_the_lock = std::move(found->second);
  safe_.erase(found);
  platform::StatePoint("release.heard");
  return {};
}

}  // namespace baton::internal
