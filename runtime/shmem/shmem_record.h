// One piece of shared memory as one side of one channel knows it. Lives in private memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include <baton/platform/account/memory_listing.h>
#include <baton/platform/shared_memory.h>
#include <baton/shmem.h>

#include "runtime/shmem/memory_note.h"

namespace baton::internal {

class LockPlace;
class ShmemRecord;
class ShmemTable;

// The locks in one piece of unsafe memory, by their offset. Thread-safe.
class LockPlaces {
 public:
  // The same one for as long as anybody has it. `offset` is a fit one of `record`, whose this is.
  std::shared_ptr<LockPlace> At(std::uint64_t offset, const std::shared_ptr<ShmemRecord>& record,
                                const ShmemTable& table);

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::weak_ptr<LockPlace>> places_;
};

enum class ShmemKind : std::uint8_t { kSafe, kUnsafe };

// Who may touch it.
enum class Holder : std::uint8_t {
  kUs,        // safe: this side owns it
  kInFlight,  // safe: handed over, and the peer has not said that it has taken it
  kPeer,      // safe: handed over, or never ours; our mapping is revoked
  kBoth,      // unsafe
};

class ShmemRecord {
 public:
  ShmemRecord(std::weak_ptr<ShmemTable> table, ShmemKind kind, ShmemId id,
              platform::SharedMemory memory, platform::Mapping mapping)
      : table_(std::move(table)),
        kind_(kind),
        id_(id),
        memory_(std::move(memory)),
        mapping_(std::move(mapping)),
        size_(memory_.size()),
        holder_(kind == ShmemKind::kSafe ? Holder::kUs : Holder::kBoth) {}
  ShmemRecord(const ShmemRecord&) = delete;
  ShmemRecord& operator=(const ShmemRecord&) = delete;
  ~ShmemRecord();

  const std::weak_ptr<ShmemTable>& table() const { return table_; }
  ShmemKind kind() const { return kind_; }
  ShmemId id() const { return id_; }
  const platform::SharedMemory& memory() const { return memory_; }
  platform::SharedMemory& memory() { return memory_; }
  platform::Mapping& mapping() { return mapping_; }
  // What its owner may use of it: the first `size` bytes.
  std::span<std::byte> bytes() const { return mapping_.bytes().first(size_); }
  LockPlaces& locks() { return locks_; }
  // For the fault reporter; empty until somebody notes it.
  MemoryNote& note() { return note_; }

  // For whoever looks at the machine: in the process's registry, until it ends. What changes hands
  // is told there by itself.
  void List(bool keeps_access, platform::MakeRegistry making) {
    const platform::ListedMemory listed = {StateAt(holder_), size_, keeps_access};
    listing_ = platform::MemoryListing(memory_.handle(), listed, making);
  }
  // Of what the holder alone does not say: pooled, orphaned.
  void Tell(platform::RegistryState state) { listing_.Set(state, transfers_, peer_pid_); }

  // Handing it over unmaps it, whatever the channel's revocation. Set before anybody else knows it.
  bool is_freezable() const { return is_freezable_; }
  void set_freezable() { is_freezable_ = true; }

  // The fields below change under the table's lock alone.
  Holder holder() const { return holder_; }
  void set_holder(Holder holder) {
    holder_ = holder;
    Tell(StateAt(holder));
  }
  void Pass(Holder holder, std::uint64_t transfers) {
    transfers_ = transfers;
    set_holder(holder);
  }

  // As many bytes as were asked for; changes only while nobody has a handle to it.
  std::uint64_t size() const { return size_; }
  void set_size(std::uint64_t size) {
    if (size != size_) listing_.SetBytes(size);
    size_ = size;
  }

  // All of it, in bytes, where it is of a size class and may come into a pool; else 0.
  std::uint64_t capacity() const { return capacity_; }
  void set_capacity(std::uint64_t capacity) { capacity_ = capacity; }

  // Memory of an earlier channel is not: whoever has made it may be neither side of this one.
  bool may_be_pooled() const { return capacity_ != 0 && generation_ == 0; }

  // In the pool, and revoked: the peer had it before.
  bool needs_grant() const { return needs_grant_; }
  void set_needs_grant(bool needs_grant) { needs_grant_ = needs_grant; }

  // This side has had it, and has given it back to who has made it.
  bool is_given_back() const { return is_given_back_; }
  void set_given_back(bool is_given_back) { is_given_back_ = is_given_back; }

  // This side does not know whether memory backs all of it.
  bool needs_backing() const { return needs_backing_; }
  void set_needs_backing(bool needs_backing) { needs_backing_ = needs_backing; }

  bool is_theirs() const { return holder_ == Holder::kInFlight || holder_ == Holder::kPeer; }

  // How often it has changed hands on this channel; above 0 the peer has a mapping of its own (safe
  // memory).
  std::uint64_t transfers() const { return transfers_; }

  // The newest transfer that this side has taken, and the newest one that it has told the peer of,
  // or that the peer knows of because the memory has come back to it.
  std::uint64_t taken() const { return taken_; }
  void set_taken(std::uint64_t transfer) { taken_ = transfer; }
  std::uint64_t told() const { return told_; }
  void set_told(std::uint64_t transfer) { told_ = transfer; }

  // It is on the table's list of what the peer is to be told of.
  bool is_untold() const { return is_untold_; }
  void set_untold(bool is_untold) { is_untold_ = is_untold; }

  // How often it has moved to another channel.
  std::uint32_t generation() const { return generation_; }
  void set_generation(std::uint32_t generation) { generation_ = generation; }
  // The trust label of the peers that have had it; 0: unknown, or none has.
  std::uint64_t domain() const { return domain_; }
  // A peer has had it, so it must not come to one of another domain.
  bool was_at_peer() const { return was_at_peer_; }
  void NotePeer(std::uint64_t domain, int pid) {
    was_at_peer_ = true;
    domain_ = domain;
    peer_pid_ = pid;
  }
  // For a record that takes the place of `before` on another channel.
  void Follow(const ShmemRecord& before) {
    size_ = before.size_;
    capacity_ = before.capacity_;
    generation_ = before.generation_ + 1;
    was_at_peer_ = before.was_at_peer_;
    domain_ = before.domain_;
  }
  platform::SharedMemory TakeMemory() { return std::move(memory_); }
  platform::Mapping TakeMapping() { return std::move(mapping_); }

  // The other side keeps a handle to it, from before its first transfer on.
  bool is_kept() const { return is_kept_; }
  void set_kept() { is_kept_ = true; }
  // Whoever is to keep it may not have looked at it yet, and takes sealed memory for a lie.
  bool is_on_its_way_to_keeper() const { return is_kept_ && transfers_ == 0; }
  // The peer has a mapping of it, or may have, and is to hear when it is gone.
  bool is_known_to_peer() const { return transfers_ > 0 || is_kept_; }

  // This side has made it for the peer, which holds it.
  bool is_lent() const { return is_lent_; }
  void set_lent(bool is_lent) { is_lent_ = is_lent; }

  // Unsafe memory that the peer has made for this side, and wants to hear of when it is gone.
  bool is_borrowed() const { return is_borrowed_; }
  void set_borrowed() { is_borrowed_ = true; }

 private:
  static platform::RegistryState StateAt(Holder holder);

  const std::weak_ptr<ShmemTable> table_;
  const ShmemKind kind_;
  const ShmemId id_;
  platform::SharedMemory memory_;
  platform::Mapping mapping_;
  MemoryNote note_;                  // behind the mapping, so that it ends first
  platform::MemoryListing listing_;  // the same
  LockPlaces locks_;
  bool is_freezable_ = false;
  std::uint64_t size_;
  std::uint64_t capacity_ = 0;
  Holder holder_;
  std::uint64_t transfers_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t told_ = 0;
  std::uint64_t domain_ = 0;
  std::uint32_t generation_ = 0;
  int peer_pid_ = 0;
  bool was_at_peer_ = false;
  bool is_kept_ = false;
  bool is_untold_ = false;
  bool is_lent_ = false;
  bool is_borrowed_ = false;
  bool needs_grant_ = false;
  bool is_given_back_ = false;
  bool needs_backing_ = false;
};

// The door between the public handles and the runtime.
class ShmemAccess {
 public:
  static std::shared_ptr<ShmemRecord>& record(Shmem& shmem) { return shmem.record_; }
  static std::shared_ptr<ShmemRecord>& record(UnsafeShmem& shmem) { return shmem.record_; }
  static const std::shared_ptr<ShmemRecord>& record(const UnsafeShmem& shmem) {
    return shmem.record_;
  }
  static bool& sent(Shmem& shmem) { return shmem.sent_; }
};

}  // namespace baton::internal
