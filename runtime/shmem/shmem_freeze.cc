// The part of ShmemTable that knows frozen memory: what becomes of a Shmem that is frozen, and what
// frozen memory counts for. The memory itself is in no table: it belongs to no channel.
#include <string>
#include <system_error>
#include <utility>

#include <baton/platform/file_limit.h>
#include "runtime/shmem/freezing.h"
#include "runtime/shmem/record_labels.h"
#include "runtime/shmem/shmem_table.h"
#include "runtime/shmem/size_class.h"

namespace baton::internal {
namespace {

// What the system says of memory that it does not freeze, in words that a caller can act upon.
std::error_code WhyNotFrozen(std::error_code error) {
  if (error == std::errc::device_or_resource_busy) return Errc::kMappedElsewhere;
  if (error == std::errc::operation_not_permitted) return Errc::kNeverFreezes;
  return error;
}

Result<platform::FrozenMemory> FreezeInPlace(ShmemRecord& record) {
  record.note() = MemoryNote();  // it ends before its mapping, whose place is anybody's then
  const bool is_others_too = record.was_at_peer() || record.is_known_to_peer();
  return platform::FrozenMemory::Freeze(
      record.memory(), record.mapping(),
      is_others_too ? platform::HadBy::kAnybody : platform::HadBy::kUsAlone);
}

Result<FrozenShmem> MapFrozen(ShmemId id, std::uint64_t size, Result<platform::FrozenMemory> memory,
                              FrozenCharge charge, std::string_view protocol,
                              platform::MakeRegistry making) {
  if (!memory) return Fail(memory.error());
  BATON_TRY(auto mapping, memory->Map());
  MemoryNote note = NoteFrozen(id, mapping.bytes(), size, protocol);
  return FrozenAccess::Make(
      std::make_shared<const FrozenRecord>(id, size, *std::move(memory), std::move(mapping),
                                           std::move(note), making, std::move(charge)));
}

}  // namespace

FrozenCharge::~FrozenCharge() {
  if (const auto table = table_.lock()) table->Uncharge(bytes_);
}

void ShmemTable::Uncharge(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  mapped_bytes_ -= bytes;
  --frozen_count_;
}

Result<void> ShmemTable::CheckFreezable(Shmem& shmem) const {
  if (ShmemAccess::sent(shmem)) return Fail(Errc::kAlreadySent);
  const auto& record = ShmemAccess::record(shmem);
  if (record == nullptr) return Fail(Errc::kEmptyShmem);
  if (record->table().lock().get() != this) return Fail(Errc::kWrongChannel);
  const std::lock_guard lock(mutex_);
  if (closed_) return Fail(Errc::kClosed);
  return {};
}

// Its bytes go on counting, as frozen ones.
Freezing ShmemTable::TakeOut(Shmem& shmem, PeerWhoKnows peer) {
  auto record = std::exchange(ShmemAccess::record(shmem), nullptr);
  const std::uint64_t bytes = record->memory().size();
  const std::lock_guard lock(mutex_);
  safe_.erase(record->id());
  ForgetLoan(*record);
  ++frozen_count_;
  const bool must_tell = record->is_known_to_peer() && peer == PeerWhoKnows::kIsTold;
  if (must_tell) Release(record->id(), record->transfers());
  return Freezing(std::move(record), FrozenCharge(weak_from_this(), bytes), protocol_);
}

Result<FrozenShmem> ShmemTable::Freeze(Shmem& shmem) {
  BATON_CHECKED(CheckFreezable(shmem));
  const auto record = ShmemAccess::record(shmem);
  if (record->is_on_its_way_to_keeper()) return Fail(Errc::kMappedElsewhere);
  auto frozen = FreezeInPlace(*record);
  if (!frozen && record->mapping()) {
    NoteRecord(*record, protocol_);
    return Fail(WhyNotFrozen(frozen.error()));
  }
  Freezing taken = TakeOut(shmem, PeerWhoKnows::kIsTold);
  if (!frozen) return Fail(WhyNotFrozen(frozen.error()));
  return MapFrozen(record->id(), record->size(), std::move(frozen), std::move(taken).TakeCharge(),
                   protocol_, making_registry_);
}

Result<Freezing> ShmemTable::BeginFreezing(Shmem& shmem, PeerWhoKnows peer) {
  BATON_CHECKED(CheckFreezable(shmem));
  return TakeOut(shmem, peer);
}

Result<FrozenShmem> Freezing::Finish() && {
  const ShmemId id = record_->id();
  const std::uint64_t size = record_->size();
  Result<platform::FrozenMemory> frozen = Fail(Errc::kMappedElsewhere);
  if (!record_->is_on_its_way_to_keeper()) frozen = FreezeInPlace(*record_);
  if (!frozen && record_->mapping()) {
    frozen = platform::FrozenMemory::Create("baton:frozen", record_->bytes());
  }
  record_.reset();
  return MapFrozen(id, size, std::move(frozen), std::move(charge_), protocol_,
                   platform::MakeRegistry::kNo);
}

Result<void> ShmemTable::ArriveFrozen(const wire::ShmemReference& reference,
                                      platform::Handle handle, FrozenShmem& into) {
  if (!handle) return Fail(Rule::kHandleIndex);
  if (reference.transfer != 0) return Fail(Rule::kShmemState);
  const std::uint64_t whole =
      reference.capacity == 0 ? reference.size : std::uint64_t{reference.capacity} * kCapacityUnit;
  const bool fits = reference.capacity == 0 || SizeClassFor(reference.size) == whole;
  if (!fits) return Fail(Rule::kShmemCapacity);
  const bool is_one_of_the_last = platform::IsOneOfTheLastFiles(handle);
  BATON_TRY(auto memory, platform::FrozenMemory::Adopt(std::move(handle), whole));
  if (is_one_of_the_last) return Fail(std::make_error_code(std::errc::too_many_files_open));
  ShmemPool::Pieces unmapped;
  {
    const std::lock_guard lock(mutex_);
    BATON_CHECKED(MakeRoom(whole, unmapped));
    mapped_bytes_ += whole;
    ++frozen_count_;
  }
  FrozenCharge charge(weak_from_this(), whole);
  BATON_TRY(into, MapFrozen({reference.id_high, reference.id_low}, reference.size,
                            std::move(memory), std::move(charge), protocol_, making_registry_));
  return {};
}

}  // namespace baton::internal
