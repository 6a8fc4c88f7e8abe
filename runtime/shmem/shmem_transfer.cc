// The half of ShmemTable that moves memory between the processes.
#include <cstring>
#include <set>
#include <utility>

#include <baton/file_descriptor.h>
#include <baton/platform/state_point.h>
#include "runtime/channel/frame.h"
#include "runtime/shmem/shmem_table.h"

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
  reference.size = record.memory().size();
  reference.handle = handle;
  const bool safe = record.kind() == ShmemKind::kSafe;
  reference.transfer = safe ? record.transfers() + 1 : 0;
  reference.kind = safe ? wire::ShmemReference::kSafe : wire::ShmemReference::kUnsafe;
  return reference;
}

ShmemId IdOf(const wire::ShmemReference& reference) {
  return {reference.id_high, reference.id_low};
}

// The error of a mapping that could not be made: nobody but the peer seals memory against writing.
std::error_code BlameForSeals(std::error_code error) {
  return error == std::errc::operation_not_permitted ? make_error_code(Rule::kHandleSeals) : error;
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
    const bool safe = one.kind == wire::Kind::kShmem;
    if (safe && ShmemAccess::sent(SafeOf(one))) return Fail(Errc::kAlreadySent);
    const auto record = RecordOf(one);
    if (record == nullptr) return Fail(Errc::kEmptyShmem);
    if (record->table().lock().get() != this) return Fail(Errc::kWrongChannel);
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
    const auto record = RecordOf(one);
    const std::uint32_t index = NeedsHandle(*record) ? next++ : wire::ShmemReference::kNoIndex;
    const auto reference = ReferenceTo(*record, index);
    std::memcpy(message.data() + one.position, &reference, sizeof(reference));
  }
}

Result<std::vector<Travelling>> ShmemTable::Depart(std::span<const wire::OutgoingShmem> outgoing) {
  BATON_TRY(auto duplicates, DuplicateDescriptors(outgoing));
  const std::lock_guard lock(mutex_);
  std::vector<Shmem*> revoked;
  for (const auto& one : outgoing) {
    if (one.kind != wire::Kind::kShmem) continue;
    platform::StatePoint("memory.revoking");
    if (const auto done = RecordOf(one)->mapping().Revoke(); !done) {
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
    const auto record = RecordOf(one);
    bytes_sent_ += record->memory().size();
    if (NeedsHandle(*record)) travelling.emplace_back(record);
    if (one.kind != wire::Kind::kShmem) continue;
    record->set_holder(Holder::kPeer);
    record->set_transfers(record->transfers() + 1);
    ShmemAccess::sent(SafeOf(one)) = true;
    ShmemAccess::record(SafeOf(one)).reset();
    platform::StatePoint("memory.departed");
  }
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
    const std::uint32_t kind = one.kind == wire::Kind::kShmem ? wire::ShmemReference::kSafe
                                                              : wire::ShmemReference::kUnsafe;
    if (is_memory && one.reference.kind != kind) return Fail(Rule::kShmemKind);
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
      const auto arrived = ArriveEndpoint(one, handles, label_rule_);
      if (!arrived && arrived.error() == Cause::kPeerFault) return Fail(arrived.error());
      if (!arrived) shortage = arrived.error();
      continue;
    }
    const auto index = one.reference.handle;
    platform::Handle handle;
    if (index != wire::ShmemReference::kNoIndex) handle = std::move(handles[index]);
    if (one.kind == wire::Kind::kFileDescriptor) {
      *static_cast<FileDescriptor*>(one.memory) = std::move(handle);
      continue;
    }
    const auto arrived =
        one.kind == wire::Kind::kShmem
            ? ArriveSafe(one.reference, std::move(handle), *static_cast<Shmem*>(one.memory))
            : ArriveUnsafe(one.reference, std::move(handle),
                           *static_cast<UnsafeShmem*>(one.memory));
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

Result<void> ShmemTable::ArriveSafe(const wire::ShmemReference& reference, platform::Handle handle,
                                    Shmem& into) {
  const std::lock_guard lock(mutex_);
  const auto found = safe_.find(IdOf(reference));
  if (!handle) {
    if (found == safe_.end()) return Fail(Rule::kShmemId);
    return ArriveAgain(reference, found->second, into);
  }
  // With a handle it is new, and new ids bear the mark of who made them.
  if (found != safe_.end() || !IsIssuedByPeer(IdOf(reference))) return Fail(Rule::kShmemId);
  return ArriveFirstTime(reference, std::move(handle), into);
}

Result<void> ShmemTable::ArriveFirstTime(const wire::ShmemReference& reference,
                                         platform::Handle handle, Shmem& into) {
  if (reference.transfer != 1) return Fail(Rule::kShmemState);
  if (unsafe_.contains(IdOf(reference))) return Fail(Rule::kShmemId);
  if (safe_.size() + releases_.size() >= kMaxUnreleased) return Fail(Rule::kQuota);
  auto record = MapReceived(ShmemKind::kSafe, reference, std::move(handle));
  if (!record) {
    if (record.error() != Cause::kPeerFault) Release(IdOf(reference), 1);
    return Fail(record.error());
  }
  (*record)->set_transfers(1);
  safe_.emplace(IdOf(reference), *record);
  platform::StatePoint("memory.arrived");
  ShmemAccess::record(into) = *std::move(record);
  return {};
}

Result<void> ShmemTable::ArriveAgain(const wire::ShmemReference& reference,
                                     std::shared_ptr<ShmemRecord> record, Shmem& into) {
  const bool is_next =
      record->holder() == Holder::kPeer && reference.transfer == record->transfers() + 1;
  if (!is_next) return Fail(Rule::kShmemState);
  if (reference.size != record->memory().size()) return Fail(Rule::kHandleSize);
  record->set_holder(Holder::kUs);
  record->set_transfers(reference.transfer);
  ForgetLoan(*record);
  platform::StatePoint("memory.granting");
  if (const auto granted = record->mapping().Grant(); !granted) {
    mapped_bytes_ -= record->memory().size();
    safe_.erase(record->id());
    Release(record->id(), record->transfers());
    const bool maps_anew = revocation_ == platform::Revocation::kUnmap;
    return Fail(maps_anew ? BlameForSeals(granted.error()) : granted.error());
  }
  platform::StatePoint("memory.granted");
  ShmemAccess::record(into) = std::move(record);
  return {};
}

Result<void> ShmemTable::ArriveUnsafe(const wire::ShmemReference& reference,
                                      platform::Handle handle, UnsafeShmem& into) {
  if (!handle) return Fail(Rule::kHandleIndex);
  if (reference.transfer != 0) return Fail(Rule::kShmemState);
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
    BATON_TRY(const auto memory, platform::SharedMemory::Adopt(std::move(handle), reference.size));
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
  BATON_TRY(auto memory, platform::SharedMemory::Adopt(std::move(handle), reference.size));
  BATON_CHECKED(CheckQuota(reference.size));
  auto mapping = memory.Map(HowToMap(kind));
  if (!mapping) return Fail(BlameForSeals(mapping.error()));
  mapped_bytes_ += reference.size;
  return std::make_shared<ShmemRecord>(weak_from_this(), kind, IdOf(reference), std::move(memory),
                                       *std::move(mapping));
}

}  // namespace baton::internal
