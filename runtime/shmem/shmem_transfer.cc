// The half of ShmemTable that moves memory between the processes.
#include <cstring>
#include <set>
#include <utility>

#include <baton/file_descriptor.h>
#include <baton/platform/file_limit.h>
#include <baton/platform/received_handle.h>
#include <baton/platform/state_point.h>
#include "runtime/channel/frame.h"
#include "runtime/shmem/record_labels.h"
#include "runtime/shmem/shmem_table.h"
#include "runtime/shmem/store_core.h"

namespace baton::internal {
namespace {

// The codec knows the public handles by address alone. What is sent was given as an rvalue, so it
// is ours to change.
Shmem& SafeOf(const wire::OutgoingShmem& outgoing) {
  return *const_cast<Shmem*>(static_cast<const Shmem*>(outgoing.memory));
}

std::shared_ptr<ShmemRecord> RecordOf(const wire::OutgoingShmem& outgoing) {
  if (outgoing.kind == wire::Kind::kShmem) return ShmemAccess::record(SafeOf(outgoing));
  return ShmemAccess::record(
      *const_cast<UnsafeShmem*>(static_cast<const UnsafeShmem*>(outgoing.memory)));
}

const std::shared_ptr<const FrozenRecord>& FrozenOf(const wire::OutgoingShmem& outgoing) {
  return FrozenAccess::record(*static_cast<const FrozenShmem*>(outgoing.memory));
}

const FileDescriptor& DescriptorOf(const wire::OutgoingShmem& outgoing) {
  return *static_cast<const FileDescriptor*>(outgoing.memory);
}

// Unsafe memory travels with its handle every time, safe memory only the first time.
bool NeedsHandle(const ShmemRecord& record) {
  return record.kind() == ShmemKind::kUnsafe || record.transfers() == 0;
}

wire::ShmemReference ReferenceTo(const ShmemRecord& record, std::uint32_t handle) {
  wire::ShmemReference reference;
  reference.id_high = record.id().high;
  reference.id_low = record.id().low;
  reference.size = record.size();
  reference.capacity = static_cast<std::uint32_t>(record.capacity() / kCapacityUnit);
  reference.handle = handle;
  const bool safe = record.kind() == ShmemKind::kSafe;
  reference.transfer = safe ? record.transfers() + 1 : 0;
  reference.generation = record.generation();
  reference.kind = safe ? wire::ShmemReference::kSafe : wire::ShmemReference::kUnsafe;
  return reference;
}

// Frozen memory has no state that both sides would have to agree about.
wire::ShmemReference ReferenceTo(const FrozenRecord& record, std::uint32_t handle) {
  wire::ShmemReference reference;
  reference.id_high = record.id().high;
  reference.id_low = record.id().low;
  reference.size = record.size();
  reference.handle = handle;
  if (record.size() != record.memory().size()) {
    reference.capacity = static_cast<std::uint32_t>(record.memory().size() / kCapacityUnit);
  }
  reference.kind = wire::ShmemReference::kFrozen;
  return reference;
}

// What the reference to memory of a kind says of it.
std::uint32_t KindOnWire(wire::Kind kind) {
  if (kind == wire::Kind::kFrozenShmem) return wire::ShmemReference::kFrozen;
  return kind == wire::Kind::kShmem ? wire::ShmemReference::kSafe : wire::ShmemReference::kUnsafe;
}

ShmemId IdOf(const wire::ShmemReference& reference) {
  return {reference.id_high, reference.id_low};
}

std::uint64_t CapacityOf(const wire::ShmemReference& reference) {
  return std::uint64_t{reference.capacity} * kCapacityUnit;
}

// What is said of memory of a size class. Whether the object is that large, the kernel says.
bool FitsItsClass(const wire::ShmemReference& reference) {
  return SizeClassFor(reference.size) == CapacityOf(reference);
}

// The error of a mapping that could not be made: nobody but the peer seals memory against writing.
std::error_code BlameForSeals(std::error_code error) {
  return error == std::errc::operation_not_permitted ? make_error_code(Rule::kHandleSeals) : error;
}

std::error_code TooManyFiles() {
  return std::make_error_code(std::errc::too_many_files_open);
}

bool TakesOneOfTheLastFiles(const wire::EndpointReference& endpoint,
                            std::span<const platform::Handle> handles) {
  const bool is_known = endpoint.process != wire::EndpointReference::kNoIndex;
  return platform::IsOneOfTheLastFiles(handles[endpoint.socket]) ||
         (is_known && platform::IsOneOfTheLastFiles(handles[endpoint.process]));
}

// The sender keeps its own. What can run out is asked for before anything changes.
Result<std::vector<FileDescriptor>> DuplicateDescriptors(
    std::span<const wire::OutgoingShmem> outgoing) {
  std::vector<FileDescriptor> duplicates;
  for (const auto& one : outgoing) {
    if (one.kind != wire::Kind::kFileDescriptor) continue;
    BATON_TRY(auto duplicate, DescriptorOf(one).Duplicate());
    duplicates.push_back(std::move(duplicate));
  }
  return duplicates;
}

}  // namespace

Result<std::size_t> ShmemTable::CheckDeparture(
    std::span<const wire::OutgoingShmem> outgoing) const {
  std::set<const ShmemRecord*> seen;
  std::size_t handles = 0;
  for (const auto& one : outgoing) {
    if (one.kind == wire::Kind::kEndpoint) {
      BATON_TRY(const std::size_t needed, CheckEndpoint(one));
      handles += needed;
      continue;
    }
    if (one.kind == wire::Kind::kFileDescriptor) {
      if (!DescriptorOf(one)) return Fail(Errc::kEmptyHandle);
      ++handles;
      continue;
    }
    if (one.kind == wire::Kind::kFrozenShmem) {
      if (FrozenOf(one) == nullptr) return Fail(Errc::kEmptyShmem);
      ++handles;
      continue;
    }
    const bool safe = one.kind == wire::Kind::kShmem;
    if (safe && ShmemAccess::sent(SafeOf(one))) return Fail(Errc::kAlreadySent);
    const auto record = RecordOf(one);
    if (record == nullptr) return Fail(Errc::kEmptyShmem);
    if (record->table().lock().get() != this) return Fail(Errc::kWrongChannel);
    if (record->mapping().is_damaged()) return Fail(Rule::kHandleSize);
    if (safe && !seen.insert(record.get()).second) return Fail(Errc::kAlreadySent);
    if (NeedsHandle(*record)) ++handles;
  }
  if (handles > kMaxMessageHandles) return Fail(Errc::kTooManyHandles);
  return handles;
}

void ShmemTable::DescribeDeparture(std::span<const wire::OutgoingShmem> outgoing,
                                   std::span<std::byte> message) const {
  std::uint32_t next = 0;
  for (const auto& one : outgoing) {
    if (one.kind == wire::Kind::kEndpoint) {
      next = DescribeEndpoint(one, next, message);
      continue;
    }
    if (one.kind == wire::Kind::kFileDescriptor) {
      const std::uint32_t index = next++;
      std::memcpy(message.data() + one.position, &index, sizeof(index));
      continue;
    }
    if (one.kind == wire::Kind::kFrozenShmem) {
      const auto reference = ReferenceTo(*FrozenOf(one), next++);
      std::memcpy(message.data() + one.position, &reference, sizeof(reference));
      continue;
    }
    const auto record = RecordOf(one);
    const std::uint32_t index = NeedsHandle(*record) ? next++ : wire::ShmemReference::kNoIndex;
    const auto reference = ReferenceTo(*record, index);
    std::memcpy(message.data() + one.position, &reference, sizeof(reference));
  }
}

Result<std::vector<Travelling>> ShmemTable::Depart(std::span<const wire::OutgoingShmem> outgoing,
                                                   const char* sent_with) {
  BATON_TRY(auto duplicates, DuplicateDescriptors(outgoing));
  const std::lock_guard lock(mutex_);
  std::vector<Shmem*> revoked;
  for (const auto& one : outgoing) {
    if (one.kind != wire::Kind::kShmem) continue;
    platform::StatePoint("memory.revoking");
    const auto record = RecordOf(one);
    record->note().HandedOver(sent_with, record->transfers() + 1);
    if (const auto done = record->mapping().Revoke(); !done) {
      record->note().CameBack();
      for (Shmem* earlier : revoked) TakeBack(*earlier);
      return Fail(done.error());
    }
    platform::StatePoint("memory.revoked");
    revoked.push_back(&SafeOf(one));
  }

  std::vector<Travelling> travelling;
  auto next_duplicate = duplicates.begin();
  for (const auto& one : outgoing) {
    if (one.kind == wire::Kind::kEndpoint) {
      DepartEndpoint(one, travelling);
      continue;
    }
    if (one.kind == wire::Kind::kFileDescriptor) {
      travelling.emplace_back(std::move(*next_duplicate++));
      continue;
    }
    if (one.kind == wire::Kind::kFrozenShmem) {
      bytes_sent_ += FrozenOf(one)->size();
      travelling.emplace_back(FrozenOf(one));
      continue;
    }
    const auto record = RecordOf(one);
    bytes_sent_ += record->size();
    if (NeedsHandle(*record)) travelling.emplace_back(record);
    if (one.kind != wire::Kind::kShmem) continue;
    record->NotePeer(label_rule_.of_peer, peer_life_->number());
    record->Pass(Holder::kInFlight, record->transfers() + 1);
    ShmemAccess::sent(SafeOf(one)) = true;
    ShmemAccess::record(SafeOf(one)).reset();
    platform::StatePoint("memory.departed");
  }
  handles_sent_ += travelling.size();
  return travelling;
}

Result<void> ShmemTable::CheckHandles(std::span<const wire::IncomingShmem> incoming,
                                      std::size_t handles) {
  std::vector<bool> used(handles, false);
  const auto use = [&](std::uint32_t index) {
    if (index >= handles || used[index]) return false;
    used[index] = true;
    return true;
  };
  for (const auto& one : incoming) {
    refused_ = one.memory;
    if (one.kind == wire::Kind::kEndpoint) {
      const bool is_known = one.endpoint.process != wire::EndpointReference::kNoIndex;
      if (!use(one.endpoint.socket)) return Fail(Rule::kHandleIndex);
      if (is_known && !use(one.endpoint.process)) return Fail(Rule::kHandleIndex);
      continue;
    }
    const bool is_memory = one.kind != wire::Kind::kFileDescriptor;
    if (is_memory && one.reference.kind != KindOnWire(one.kind)) return Fail(Rule::kShmemKind);
    const std::uint32_t index = one.reference.handle;
    if (is_memory && index == wire::ShmemReference::kNoIndex) continue;
    if (!use(index)) return Fail(Rule::kHandleIndex);
  }
  refused_ = nullptr;
  for (const bool one : used) {
    if (!one) return Fail(Rule::kHandleIndex);
  }
  return {};
}

Result<void> ShmemTable::Arrive(std::span<const wire::IncomingShmem> incoming,
                                std::vector<platform::Handle> handles) {
  BATON_CHECKED(CheckHandles(incoming, handles.size()));
  std::error_code shortage;
  for (const auto& one : incoming) {
    refused_ = one.memory;
    if (one.kind == wire::Kind::kEndpoint) {
      if (TakesOneOfTheLastFiles(one.endpoint, handles)) shortage = TooManyFiles();
      const auto arrived = ArriveEndpoint(one, handles, label_rule_);
      if (!arrived && arrived.error() == Cause::kPeerFault) return Fail(arrived.error());
      if (!arrived) shortage = arrived.error();
      continue;
    }
    const auto index = one.reference.handle;
    platform::Handle handle;
    if (index != wire::ShmemReference::kNoIndex) handle = std::move(handles[index]);
    if (one.kind == wire::Kind::kFileDescriptor) {
      if (platform::IsOneOfTheLastFiles(handle)) shortage = TooManyFiles();
      *static_cast<FileDescriptor*>(one.memory) = std::move(handle);
      continue;
    }
    const auto arrived = ArriveMemory(one, std::move(handle));
    if (arrived) {
      bytes_received_ += one.reference.size;
    } else if (arrived.error() == Cause::kPeerFault) {
      return Fail(arrived.error());
    } else {
      shortage = arrived.error();
    }
  }
  if (shortage) return Fail(shortage);
  return {};
}

Result<void> ShmemTable::ArriveMemory(const wire::IncomingShmem& incoming,
                                      platform::Handle handle) {
  const wire::ShmemReference& reference = incoming.reference;
  switch (incoming.kind) {
    case wire::Kind::kShmem:
      return ArriveSafe(reference, std::move(handle), *static_cast<Shmem*>(incoming.memory));
    case wire::Kind::kFrozenShmem:
      return ArriveFrozen(reference, std::move(handle),
                          *static_cast<FrozenShmem*>(incoming.memory));
    default:
      return ArriveUnsafe(reference, std::move(handle),
                          *static_cast<UnsafeShmem*>(incoming.memory));
  }
}

Result<void> ShmemTable::ArriveSafe(const wire::ShmemReference& reference, platform::Handle handle,
                                    Shmem& into) {
  const std::lock_guard lock(mutex_);
  const auto found = safe_.find(IdOf(reference));
  if (!handle) {
    if (found == safe_.end()) return Fail(Rule::kShmemId);
    return ArriveAgain(reference, found->second, into);
  }
  if (found != safe_.end()) return ArriveFromKeeping(reference, handle, found->second, into);
  // With a handle it is new, and new ids bear the mark of who made them; what has come from another
  // channel may have been made by anybody.
  const bool is_new = IsIssuedByPeer(IdOf(reference)) || reference.generation > 0;
  if (!is_new) return Fail(Rule::kShmemId);
  return ArriveFirstTime(reference, std::move(handle), into);
}

Result<void> ShmemTable::ArriveFirstTime(const wire::ShmemReference& reference,
                                         platform::Handle handle, Shmem& into) {
  if (reference.transfer != 1) return Fail(Rule::kShmemState);
  if (reference.capacity != 0 && !FitsItsClass(reference)) return Fail(Rule::kShmemCapacity);
  if (unsafe_.contains(IdOf(reference))) return Fail(Rule::kShmemId);
  if (safe_.size() + unmapped_releases_ >= kMaxUnreleased) return Fail(Rule::kQuota);
  auto record = MapReceived(ShmemKind::kSafe, reference, std::move(handle));
  if (!record) {
    if (record.error() != Cause::kPeerFault) Release(IdOf(reference), 1);
    return Fail(record.error());
  }
  (*record)->NotePeer(label_rule_.of_peer, peer_life_->number());
  (*record)->Pass(Holder::kUs, 1);
  (*record)->set_generation(reference.generation);
  safe_.emplace(IdOf(reference), *record);
  NoteTaken(*record, 1);
  // An earlier channel may have left it as an orphan, which must not come back beside it.
  if (reference.generation > 0 && store_ != nullptr) store_->LetGoOf(**record);
  platform::StatePoint("memory.arrived");
  ShmemAccess::record(into) = *std::move(record);
  return {};
}

// The first transfer of memory that this side keeps a handle to: it comes with one more, as its
// sender cannot know whether there was room for the other one.
Result<void> ShmemTable::ArriveFromKeeping(const wire::ShmemReference& reference,
                                           const platform::Handle& handle,
                                           const std::shared_ptr<ShmemRecord>& record,
                                           Shmem& into) {
  if (!record->is_kept() || record->transfers() != 0) return Fail(Rule::kShmemId);
  BATON_CHECKED(platform::CheckReceivedMemory(handle));
  BATON_TRY(const bool same, platform::SameObject(record->memory().handle(), handle));
  if (!same) return Fail(Rule::kShmemId);
  return ArriveAgain(reference, record, into);
}

Result<void> ShmemTable::ArriveAgain(const wire::ShmemReference& reference,
                                     std::shared_ptr<ShmemRecord> record, Shmem& into) {
  const bool is_next = record->is_theirs() && reference.transfer == record->transfers() + 1 &&
                       reference.generation == record->generation();
  if (!is_next) return Fail(Rule::kShmemState);
  // As of memory that was given back, and whose giving back has not left: nobody reads of it.
  if (releases_.size() >= kMaxUnreleased) return Fail(Rule::kQuota);
  if (reference.capacity != record->capacity() / kCapacityUnit) return Fail(Rule::kShmemCapacity);
  const bool is_all_of_it = reference.size == record->memory().size();
  if (reference.capacity == 0 && !is_all_of_it) return Fail(Rule::kHandleSize);
  if (reference.capacity != 0 && !FitsItsClass(reference)) return Fail(Rule::kShmemCapacity);
  if (record->mapping().is_damaged()) return Fail(Rule::kHandleSize);
  BATON_CHECKED(record->memory().CheckSize());
  record->Pass(Holder::kUs, reference.transfer);
  NoteTaken(record, reference.transfer);
  ForgetLoan(*record);
  pool_.ForgetGivenBack(*record);
  record->set_size(reference.size);
  platform::StatePoint("memory.granting");
  if (const auto granted = record->mapping().Grant(); !granted) {
    mapped_bytes_ -= record->memory().size();
    safe_.erase(record->id());
    Release(record->id(), record->transfers());
    const bool maps_anew = revocation_ == platform::Revocation::kUnmap || record->is_freezable();
    return Fail(maps_anew ? BlameForSeals(granted.error()) : granted.error());
  }
  record->note().CameBack();
  platform::StatePoint("memory.granted");
  ShmemAccess::record(into) = std::move(record);
  return {};
}

Result<void> ShmemTable::ArriveUnsafe(const wire::ShmemReference& reference,
                                      platform::Handle handle, UnsafeShmem& into) {
  if (!handle) return Fail(Rule::kHandleIndex);
  if (reference.transfer != 0) return Fail(Rule::kShmemState);
  if (reference.capacity != 0) return Fail(Rule::kShmemCapacity);
  std::shared_ptr<ShmemRecord> known;  // declared before the lock: may be the last reference
  const std::lock_guard lock(mutex_);
  if (safe_.contains(IdOf(reference))) return Fail(Rule::kShmemId);
  if (const auto found = unsafe_.find(IdOf(reference)); found != unsafe_.end()) {
    known = found->second.record.lock();
    if (known == nullptr) {  // its last handle is going on another thread at this moment
      mapped_bytes_ -= found->second.size;
      unsafe_.erase(found);
    }
  }
  if (known != nullptr) {
    BATON_TRY(const auto memory,
              platform::SharedMemory::Adopt(std::move(handle), reference.size, unsealed_));
    if (known->mapping().is_damaged()) return Fail(Rule::kHandleSize);
    BATON_TRY(const bool same, platform::SameObject(known->memory().handle(), memory.handle()));
    if (!same) return Fail(Rule::kShmemId);
    ShmemAccess::record(into) = std::move(known);
    return {};
  }
  BATON_TRY(auto record, MapReceived(ShmemKind::kUnsafe, reference, std::move(handle)));
  unsafe_.emplace(IdOf(reference), Shared{record, reference.size});
  platform::StatePoint("memory.shared");
  ShmemAccess::record(into) = std::move(record);
  return {};
}

// Believes nothing but the kernel. A shortage of ours, our quota included, is no fault of the
// peer's, who cannot know what else we hold.
Result<std::shared_ptr<ShmemRecord>> ShmemTable::MapReceived(ShmemKind kind,
                                                             const wire::ShmemReference& reference,
                                                             platform::Handle handle) {
  const std::uint64_t object_size =
      reference.capacity == 0 ? reference.size : CapacityOf(reference);
  const bool is_one_of_the_last = platform::IsOneOfTheLastFiles(handle);
  BATON_TRY(auto memory, platform::SharedMemory::Adopt(std::move(handle), object_size, unsealed_));
  if (is_one_of_the_last) return Fail(TooManyFiles());
  ShmemPool::Pieces unmapped;
  BATON_CHECKED(MakeRoom(object_size, unmapped));
  auto mapping = memory.Map(HowToMap(kind));
  if (!mapping) return Fail(BlameForSeals(mapping.error()));
  mapped_bytes_ += object_size;
  auto record = std::make_shared<ShmemRecord>(weak_from_this(), kind, IdOf(reference),
                                              std::move(memory), *std::move(mapping));
  record->set_size(reference.size);
  record->set_capacity(reference.capacity == 0 ? 0 : object_size);
  NoteRecord(*record, protocol_);
  List(*record);
  return record;
}

}  // namespace baton::internal
