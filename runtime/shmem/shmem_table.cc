#include "runtime/shmem/shmem_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include <baton/platform/entropy.h>
#include <baton/platform/state_point.h>

namespace baton::internal {
namespace {

// The top bit of an id says which side made it.
constexpr std::uint64_t kIssuerBit = std::uint64_t{1} << 63;

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

ShmemTable::ShmemTable(Side side, std::string protocol, const ChannelOptions& options,
                       std::function<void()> on_release, std::shared_ptr<PeerLife> peer_life)
    : side_(side),
      protocol_(std::move(protocol)),
      max_bytes_(options.max_shmem_bytes),
      max_count_(options.max_shmem_count),
      max_lent_bytes_(options.max_lent_bytes),
      label_rule_{options.trust_label, options.believe_labels},
      peer_life_(std::move(peer_life)),
      revocation_(options.revocation),
      on_release_(std::move(on_release)) {}

Result<Shmem> ShmemTable::Allocate(std::uint64_t size) {
  BATON_TRY(auto record, Create(ShmemKind::kSafe, size));
  Shmem shmem;
  ShmemAccess::record(shmem) = std::move(record);
  return shmem;
}

Result<UnsafeShmem> ShmemTable::AllocateUnsafe(std::uint64_t size) {
  BATON_TRY(auto record, Create(ShmemKind::kUnsafe, size));
  UnsafeShmem shmem;
  ShmemAccess::record(shmem) = std::move(record);
  return shmem;
}

Result<std::shared_ptr<ShmemRecord>> ShmemTable::Create(ShmemKind kind, std::uint64_t size,
                                                        MakeMemory make) {
  {
    const std::lock_guard lock(mutex_);
    BATON_CHECKED(CheckQuota(size));
  }
  // Not under the lock: gigabytes take their time. Only the executor adds, so the quota holds.
  BATON_TRY(const ShmemId id, NewId());
  BATON_TRY(auto memory, make(NameOf(protocol_, id), size));
  BATON_TRY(auto mapping, memory.Map(HowToMap(kind)));
  const std::lock_guard lock(mutex_);
  auto record = std::make_shared<ShmemRecord>(weak_from_this(), kind, id, std::move(memory),
                                              std::move(mapping));
  if (kind == ShmemKind::kSafe) {
    safe_.emplace(id, record);
  } else {
    unsafe_.emplace(id, Shared{record, size});
  }
  mapped_bytes_ += size;
  platform::StatePoint("memory.allocated");
  return record;
}

// Unsafe memory is never revoked, and does not pay for it.
platform::MapOptions ShmemTable::HowToMap(ShmemKind kind) const {
  return {.revocation = kind == ShmemKind::kSafe ? revocation_ : platform::Revocation::kNone};
}

Result<void> ShmemTable::CheckQuota(std::uint64_t size) const {
  if (size == 0) return Fail(std::make_error_code(std::errc::invalid_argument));
  const bool too_many = safe_.size() + unsafe_.size() >= max_count_;
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

void ShmemTable::Free(ShmemRecord& record) {
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  {
    const std::lock_guard lock(mutex_);
    const auto found = safe_.find(record.id());
    if (closed_ || found == safe_.end()) return;
    unmapped_outside_the_lock = std::move(found->second);
    safe_.erase(found);
    mapped_bytes_ -= record.memory().size();
    ForgetLoan(record);
    if (record.transfers() > 0) Release(record.id(), record.transfers());
    platform::StatePoint("memory.freed");
  }
}

void ShmemTable::TakeBack(Shmem& shmem) {
  auto& record = ShmemAccess::record(shmem);
  if (record->mapping().Grant()) return;
  mapped_bytes_ -= record->memory().size();
  safe_.erase(record->id());
  if (record->transfers() > 0) Release(record->id(), record->transfers());
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

void ShmemTable::Release(ShmemId id, std::uint64_t transfers) {
  releases_.push_back({id, transfers});
  release_count_ = releases_.size();
  if (on_release_) on_release_();
}

std::vector<ShmemRelease> ShmemTable::TakeReleases(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, releases_.size()));
  std::vector<ShmemRelease> taken(releases_.begin(), releases_.begin() + count);
  releases_.erase(releases_.begin(), releases_.begin() + count);
  release_count_ = releases_.size();
  return taken;
}

Result<void> ShmemTable::PeerReleased(const ShmemRelease& release) {
  if (release.transfers == 0 && TakeBack(release.id)) return {};
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  const std::lock_guard lock(mutex_);
  const auto found = safe_.find(release.id);
  if (found == safe_.end()) return Fail(Rule::kShmemId);
  ShmemRecord& record = *found->second;
  const bool theirs = record.holder() == Holder::kPeer;
  if (!theirs || record.transfers() != release.transfers) return Fail(Rule::kShmemState);
  mapped_bytes_ -= record.memory().size();
  ForgetLoan(record);
  unmapped_outside_the_lock = std::move(found->second);
  safe_.erase(found);
  platform::StatePoint("release.heard");
  return {};
}

void ShmemTable::Close() {
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> unmapped_outside_the_lock;
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> lent_outside_the_lock;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  peer_life_->ChannelEnded();
  on_release_ = nullptr;
  releases_.clear();
  release_count_ = 0;
  unmapped_outside_the_lock.swap(safe_);
  lent_outside_the_lock.swap(lent_unsafe_);
  unsafe_.clear();
  mapped_bytes_ = lent_bytes_ = 0;
}

}  // namespace baton::internal
