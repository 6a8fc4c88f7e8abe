// All shared memory of one channel, as this side knows it: who holds what, what may be sent, what
// the peer may send. The page tables follow this table.
//
// Thread-safe, because handles may be destroyed anywhere; everything else happens on the channel's
// executor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <baton/actor.h>
#include <baton/channel_options.h>
#include <baton/platform/handle.h>
#include <baton/shmem.h>

#include "runtime/shmem/endpoint_transfer.h"
#include "runtime/shmem/peer_life.h"
#include "runtime/shmem/shmem_record.h"
#include "runtime/shmem/travelling.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::internal {

// Pieces of memory that one side may have handed over without having them back, or hearing that
// they were freed. Bounds what the other side must remember; both count it (docs/wire-format.md).
inline constexpr std::size_t kMaxUnreleased = 65'536;

// Memory that this side has freed and that the peer still maps. `transfers` is 0 for unsafe memory,
// of which only the lender hears.
struct ShmemRelease {
  ShmemId id;
  std::uint64_t transfers;
};

class ShmemTable : public std::enable_shared_from_this<ShmemTable> {
 public:
  // `on_release` is called, on whatever thread frees, when there is something for TakeReleases.
  ShmemTable(Side side, std::string protocol, const ChannelOptions& options,
             std::function<void()> on_release,
             std::shared_ptr<PeerLife> peer_life = std::make_shared<PeerLife>(platform::Handle()));

  Result<Shmem> Allocate(std::uint64_t size);
  Result<UnsafeShmem> AllocateUnsafe(std::uint64_t size);

  // Errors: kEmptyShmem, kAlreadySent, kWrongChannel; the handle is untouched then.
  Result<void> Deallocate(Shmem& shmem);
  Result<void> Deallocate(UnsafeShmem& shmem);

  // --- Sending, in this order -----------------------------------------------------------------
  // May all of this be sent? Changes nothing. Errors: kEmptyShmem, kAlreadySent, kWrongChannel,
  // kEmptyHandle, kInProcessOnly, kTooManyHandles. Returns how many handles will travel.
  Result<std::size_t> CheckDeparture(std::span<const wire::OutgoingShmem> outgoing) const;

  // Writes into `message` what the receiver will be told about it.
  void DescribeDeparture(std::span<const wire::OutgoingShmem> outgoing,
                         std::span<std::byte> message) const;

  // Takes this process's access away, duplicates file descriptors, empties endpoints and marks the
  // memory as sent. All or nothing. Returns what must travel, in order.
  Result<std::vector<Travelling>> Depart(std::span<const wire::OutgoingShmem> outgoing);

  // --- Receiving ------------------------------------------------------------------------------
  // Fills in the memory, the handles and the endpoints of one decoded message. A `Rule`: the peer
  // broke one. Any other error: a shortage of ours (kOverQuota among them); what could not be
  // mapped is freed and the peer told.
  Result<void> Arrive(std::span<const wire::IncomingShmem> incoming,
                      std::vector<platform::Handle> handles);
  // After an Arrive that failed: the value it failed at, null when it was none of them.
  const void* refused() const { return refused_; }

  // The peer has freed memory that it owned. Errors: kShmemId, kShmemState.
  Result<void> PeerReleased(const ShmemRelease& release);

  // At most `most`, the oldest first.
  std::vector<ShmemRelease> TakeReleases(std::size_t most);
  // Without the lock: may still say no while somebody frees, who will call `on_release`.
  bool has_releases() const { return release_count_.load(std::memory_order_relaxed) > 0; }

  // --- Loans (shmem_loans.cc) -----------------------------------------------------------------
  // Whether the quota has room for so much more. Errors: kOverQuota, invalid_argument.
  Result<void> CheckRoom(std::uint64_t size) const;

  // New memory for the peer, to be sent to it at once, which reserves its backing; counts as lent
  // until the peer has freed it, or has handed it to this side. Errors: kOverQuota, as of
  // ChannelOptions::max_lent_bytes as well, and those of Allocate.
  Result<Shmem> Lend(std::uint64_t size);
  Result<UnsafeShmem> LendUnsafe(std::uint64_t size);
  // It was not sent after all, or the peer has let go of it. False: nothing like that was lent.
  bool TakeBack(const ShmemId& id);

  // As Arrive, for the answer to a question for `asked` bytes: new memory, of that size. Its
  // backing is reserved; where that fails it is given back.
  Result<void> ArriveLent(const wire::IncomingShmem& lent, std::vector<platform::Handle> handles,
                          std::uint64_t asked);

  // The channel has ended: memory that the peer owned is unmapped, ours stays with its handles.
  void Close();

  Side side() const { return side_; }
  // Of the process at the other side, also after Close. Any thread.
  const std::shared_ptr<PeerLife>& peer_life() const { return peer_life_; }

  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  friend class baton::Shmem;
  friend class ShmemRecord;

  // A handle of safe memory that this side owns has gone.
  void Free(ShmemRecord& record);
  // The last handle of unsafe memory has gone.
  void Forget(const ShmemRecord& record);

  using MakeMemory = Result<platform::SharedMemory> (*)(std::string_view, std::uint64_t);
  Result<std::shared_ptr<ShmemRecord>> Create(ShmemKind kind, std::uint64_t size,
                                              MakeMemory make = platform::SharedMemory::Create);
  Result<void> CheckQuota(std::uint64_t size) const;
  Result<ShmemId> NewId() const;
  bool IsIssuedByPeer(const ShmemId& id) const;

  Result<void> CheckHandles(std::span<const wire::IncomingShmem> incoming, std::size_t handles);
  Result<void> ArriveSafe(const wire::ShmemReference& reference, platform::Handle handle,
                          Shmem& into);
  Result<void> ArriveFirstTime(const wire::ShmemReference& reference, platform::Handle handle,
                               Shmem& into);
  Result<void> ArriveAgain(const wire::ShmemReference& reference,
                           std::shared_ptr<ShmemRecord> record, Shmem& into);
  Result<void> ArriveUnsafe(const wire::ShmemReference& reference, platform::Handle handle,
                            UnsafeShmem& into);
  Result<std::shared_ptr<ShmemRecord>> MapReceived(ShmemKind kind,
                                                   const wire::ShmemReference& reference,
                                                   platform::Handle handle);
  void Release(ShmemId id, std::uint64_t transfers);
  Result<void> CheckLoan(std::uint64_t size) const;
  void NoteLent(ShmemRecord& record);
  void ForgetLoan(ShmemRecord& record);
  platform::MapOptions HowToMap(ShmemKind kind) const;
  // Of memory that was revoked for a message that does not leave after all. What cannot be had back
  // is freed, and its handle is empty: with Revocation::kUnmap a peer that has had the memory can
  // seal it in that moment.
  void TakeBack(Shmem& shmem);

  const Side side_;
  const std::string protocol_;
  const std::uint64_t max_bytes_;
  const std::size_t max_count_;
  const std::uint64_t max_lent_bytes_;
  const LabelRule label_rule_;  // of endpoints
  const std::shared_ptr<PeerLife> peer_life_;
  const platform::Revocation revocation_;

  mutable std::mutex mutex_;  // guards what follows
  std::function<void()> on_release_;
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> safe_;
  struct Shared {
    std::weak_ptr<ShmemRecord> record;
    std::uint64_t size;
  };
  std::map<ShmemId, Shared> unsafe_;
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> lent_unsafe_;
  std::uint64_t mapped_bytes_ = 0;
  std::uint64_t lent_bytes_ = 0;  // of both kinds
  std::deque<ShmemRelease> releases_;
  std::atomic<std::size_t> release_count_{0};  // of releases_; written under the lock
  bool closed_ = false;

  std::uint64_t bytes_sent_ = 0;  // on the executor
  std::uint64_t bytes_received_ = 0;
  const void* refused_ = nullptr;
};

}  // namespace baton::internal
