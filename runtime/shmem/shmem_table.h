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
#include <baton/frozen_shmem.h>
#include <baton/platform/handle.h>
#include <baton/shmem.h>

#include "runtime/shmem/endpoint_transfer.h"
#include "runtime/shmem/estate.h"
#include "runtime/shmem/freezing.h"
#include "runtime/shmem/peer_life.h"
#include "runtime/shmem/shmem_pool.h"
#include "runtime/shmem/shmem_record.h"
#include "runtime/shmem/travelling.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::internal {

// Pieces of memory that one side may have handed over without having them back, or hearing that
// they were freed. Bounds what the other side must remember; both count it (docs/wire-format.md).
inline constexpr std::size_t kMaxUnreleased = 65'536;

// One piece and the number of a hand-over. As a release: memory that this side has freed and that
// the peer still maps; 0 for unsafe memory, of which only the lender hears, and for kept memory
// that was never sent. `keeps_mapping`: it is the peer's now, who has made it, and this side goes
// on mapping it, revoked.
struct ShmemTransfer {
  ShmemId id;
  std::uint64_t transfers;
  bool keeps_mapping = false;
};
using ShmemRelease = ShmemTransfer;

class StoreCore;

class ShmemTable : public std::enable_shared_from_this<ShmemTable> {
 public:
  // `on_release` is called, on whatever thread frees, when there is something for TakeReleases.
  ShmemTable(Side side, std::string protocol, const ChannelOptions& options,
             std::function<void()> on_release,
             std::shared_ptr<PeerLife> peer_life = std::make_shared<PeerLife>(platform::Handle()));

  Result<Shmem> Allocate(std::uint64_t size, ShmemUse use = ShmemUse::kOrdinary);
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
  // memory as sent. All or nothing. Returns what must travel, in order. `sent_with`: the name of
  // the table of values, which lives as long as the process; for reports.
  Result<std::vector<Travelling>> Depart(std::span<const wire::OutgoingShmem> outgoing,
                                         const char* sent_with = "");

  // --- Receiving ------------------------------------------------------------------------------
  // Fills in the memory, the handles and the endpoints of one decoded message. A `Rule`: the peer
  // broke one. Any other error: a shortage of ours (kOverQuota among them); what could not be
  // mapped is freed and the peer told.
  Result<void> Arrive(std::span<const wire::IncomingShmem> incoming,
                      std::vector<platform::Handle> handles);
  // After an Arrive that failed: the value it failed at, null when it was none of them.
  const void* refused() const { return refused_; }

  // The peer has freed memory that it owned. Errors: kShmemId, kShmemState, kShmemReturn.
  Result<void> PeerReleased(const ShmemRelease& release);

  // At most `most`, the oldest first.
  std::vector<ShmemRelease> TakeReleases(std::size_t most);
  // Without the lock: may still say no while somebody frees, who will call `on_release`.
  bool has_releases() const { return release_count_.load(std::memory_order_relaxed) > 0; }

  // --- The pool (shmem_recycling.cc) ----------------------------------------------------------
  // `on_pooled` is called, on whatever thread frees, when memory lies in the pool and nobody has
  // promised to call TrimIdle.
  void WatchPool(std::function<void()> on_pooled);
  // Lets go of what was not used since the last call. False: nothing is left, and on_pooled calls
  // again.
  bool TrimIdle();
  // Lets go of everything in the pool. Any thread.
  void Trim();
  PoolStatistics pool_statistics() const;

  // --- Loans (shmem_loans.cc) -----------------------------------------------------------------
  // Whether the quota has room for so much more. Errors: kOverQuota, invalid_argument.
  Result<void> CheckRoom(std::uint64_t size);

  // Memory for the peer, to be sent to it at once, which reserves its backing; counts as lent
  // until the peer has freed it, or has handed it to this side. Errors: kOverQuota, as of
  // ChannelOptions::max_lent_bytes as well, and those of Allocate.
  Result<Shmem> Lend(std::uint64_t size);
  Result<UnsafeShmem> LendUnsafe(std::uint64_t size);
  // It was not sent after all, or the peer has let go of it. False: nothing like that was lent.
  bool TakeBack(const ShmemId& id);

  // As Arrive, for the answer to a question for `asked` bytes: memory of that size, new or of the
  // lender's pool. Its backing is reserved; where that fails it is given back.
  Result<void> ArriveLent(const wire::IncomingShmem& lent, std::vector<platform::Handle> handles,
                          std::uint64_t asked);

  // --- When the channel ends (shmem_parting.cc) -------------------------------------------------
  // Memory that was taken and that the peer has not been told of, at most `most`; all of it, for
  // the last words. Errors of PeerTook: kShmemState.
  std::vector<ShmemTransfer> TakeUntold(std::size_t most);
  std::vector<ShmemTransfer> TakeAllUntold();
  bool has_untold() const { return untold_count_.load(std::memory_order_relaxed) > 0; }
  Result<void> PeerTook(const ShmemTransfer& taken);

  // As Allocate, for memory that the peer is to keep a handle to from now on: it has to be told id
  // and size, with the memory's handle beside them.
  Result<Shmem> AllocateKept(std::uint64_t size);
  // The other side of it. Errors: as of Arrive. A shortage is no reason to say anything: then the
  // memory has one holder.
  Result<void> ArriveKept(const ShmemId& id, std::uint64_t size, platform::Handle handle);

  // Whether the store is to have something that is the peer's.
  bool HasTheirs() const;
  // The executor has gone: there is no store any more.
  void ForgetStore() { store_ = nullptr; }
  // Memory that the peer has, or may have, goes to the store; without one it is unmapped. Ours
  // stays with its handles.
  void Close(Parting parting = Parting::kCut);

  // Memory of another channel becomes this one's, with its id, content and address. Errors:
  // kEmptyShmem, kAlreadySent, kOtherTrustDomain, kOverQuota; the handle is untouched then.
  Result<void> Attach(Shmem& shmem);

  // --- Frozen memory (shmem_freeze.cc) ---------------------------------------------------------
  // The memory leaves this table; where the peer knows it, it is told that it is freed. Errors:
  // kEmptyShmem, kAlreadySent, kWrongChannel, kClosed, kMappedElsewhere, kNeverFreezes, and the
  // system's. The handle is untouched then, unless it is empty: what was unmapped for it could not
  // be mapped again.
  Result<FrozenShmem> Freeze(Shmem& shmem);
  // The same in two steps, for what Freeze has said kMappedElsewhere or kNeverFreezes of. In
  // between, with kIsAsked, the peer is asked to unmap it, and drops it for good as with RELEASE.
  enum class PeerWhoKnows { kIsTold, kIsAsked };
  Result<Freezing> BeginFreezing(Shmem& shmem, PeerWhoKnows peer);
  // A handle of frozen memory has gone.
  void Uncharge(std::uint64_t bytes);

  Side side() const { return side_; }
  // Of the process at the other side, also after Close. Any thread.
  const std::shared_ptr<PeerLife>& peer_life() const { return peer_life_; }

  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  std::uint64_t handles_sent() const { return handles_sent_; }

 private:
  friend class baton::Shmem;
  friend class ShmemRecord;

  // A handle of safe memory that this side owns has gone.
  void Free(ShmemRecord& record, bool may_be_used_again = true);
  // The last handle of unsafe memory has gone.
  void Forget(const ShmemRecord& record);

  using MakeMemory = Result<platform::SharedMemory> (*)(std::string_view, std::uint64_t);
  Result<std::shared_ptr<ShmemRecord>> Create(ShmemKind kind, std::uint64_t size,
                                              MakeMemory make = platform::SharedMemory::Create,
                                              ShmemUse use = ShmemUse::kOrdinary);
  Result<void> CheckQuota(std::uint64_t size) const;
  Result<ShmemId> NewId() const;
  bool IsIssuedByPeer(const ShmemId& id) const;

  Result<void> CheckHandles(std::span<const wire::IncomingShmem> incoming, std::size_t handles);
  Result<void> ArriveMemory(const wire::IncomingShmem& incoming, platform::Handle handle);
  Result<void> ArriveSafe(const wire::ShmemReference& reference, platform::Handle handle,
                          Shmem& into);
  Result<void> ArriveFirstTime(const wire::ShmemReference& reference, platform::Handle handle,
                               Shmem& into);
  Result<void> ArriveFromKeeping(const wire::ShmemReference& reference,
                                 const platform::Handle& handle,
                                 const std::shared_ptr<ShmemRecord>& record, Shmem& into);
  Result<void> ArriveAgain(const wire::ShmemReference& reference,
                           std::shared_ptr<ShmemRecord> record, Shmem& into);
  Result<void> ArriveUnsafe(const wire::ShmemReference& reference, platform::Handle handle,
                            UnsafeShmem& into);
  Result<std::shared_ptr<ShmemRecord>> MapReceived(ShmemKind kind,
                                                   const wire::ShmemReference& reference,
                                                   platform::Handle handle);
  // Under the lock: `transfer` has brought it here.
  void NoteTaken(const std::shared_ptr<ShmemRecord>& record, std::uint64_t transfer);
  Result<void> ArriveFrozen(const wire::ShmemReference& reference, platform::Handle handle,
                            FrozenShmem& into);
  Result<void> CheckFreezable(Shmem& shmem) const;
  Freezing TakeOut(Shmem& shmem, PeerWhoKnows peer);
  void Release(ShmemId id, std::uint64_t transfers, bool keeps_mapping = false);
  // In the registry of this process.
  void List(ShmemRecord& record) const;

  // The pool. What they let go of is unmapped when `unmapped` is destroyed: outside of the lock.
  std::shared_ptr<ShmemRecord> Recycled(std::uint64_t size);
  Result<std::uint64_t> RoomFor(ShmemKind kind, std::uint64_t size, ShmemUse use,
                                ShmemPool::Pieces& unmapped);
  Result<void> MakeRoom(std::uint64_t size, ShmemPool::Pieces& unmapped);
  bool Recycle(const std::shared_ptr<ShmemRecord>& freed);
  bool GiveBack(ShmemRecord& freed);
  Result<bool> Returned(const std::shared_ptr<ShmemRecord>& record);
  void Drop(const ShmemPool::Pieces& pieces);
  void PoolIsUsed();

  Result<void> CheckLoan(std::uint64_t size) const;
  void NoteLent(ShmemRecord& record);
  void ForgetLoan(ShmemRecord& record);
  platform::MapOptions HowToMap(ShmemKind kind, ShmemUse use = ShmemUse::kOrdinary) const;
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
  std::shared_ptr<StoreCore> store_;  // on the executor
  const platform::Revocation revocation_;
  const platform::UnsealedMemory unsealed_;  // of the peer's
  const platform::MakeRegistry making_registry_;

  mutable std::mutex mutex_;  // guards what follows
  std::function<void()> on_release_;
  std::function<void()> on_pooled_;
  ShmemPool pool_;             // what is in it is in safe_, too
  bool pool_is_aged_ = false;  // somebody is going to call TrimIdle
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> safe_;
  struct Shared {
    std::weak_ptr<ShmemRecord> record;
    std::uint64_t size;
  };
  std::map<ShmemId, Shared> unsafe_;
  std::map<ShmemId, std::shared_ptr<ShmemRecord>> lent_unsafe_;
  std::size_t frozen_count_ = 0;    // pieces that are in no table
  std::uint64_t mapped_bytes_ = 0;  // those as well
  std::uint64_t lent_bytes_ = 0;    // of both kinds
  std::deque<ShmemId> untold_;
  std::atomic<std::size_t> untold_count_{0};  // of untold_, as release_count_
  std::deque<ShmemRelease> releases_;
  std::size_t unmapped_releases_ = 0;          // of releases_: what is not in safe_ any more
  std::atomic<std::size_t> release_count_{0};  // of releases_; written under the lock
  std::uint64_t not_kept_ = 0;  // pieces that the peer wanted to be kept, and may still free
  bool closed_ = false;

  std::uint64_t bytes_sent_ = 0;  // on the executor
  std::uint64_t bytes_received_ = 0;
  std::uint64_t handles_sent_ = 0;
  const void* refused_ = nullptr;
};

}  // namespace baton::internal
