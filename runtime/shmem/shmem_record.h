// One piece of shared memory as one side of one channel knows it. Lives in private memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <baton/platform/shared_memory.h>
#include <baton/shmem.h>

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
  kUs,    // safe: this side owns it
  kPeer,  // safe: handed over; our mapping is revoked
  kBoth,  // unsafe
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
        holder_(kind == ShmemKind::kSafe ? Holder::kUs : Holder::kBoth) {}
  ShmemRecord(const ShmemRecord&) = delete;
  ShmemRecord& operator=(const ShmemRecord&) = delete;
  ~ShmemRecord();

  const std::weak_ptr<ShmemTable>& table() const { return table_; }
  ShmemKind kind() const { return kind_; }
  ShmemId id() const { return id_; }
  const platform::SharedMemory& memory() const { return memory_; }
  platform::Mapping& mapping() { return mapping_; }
  LockPlaces& locks() { return locks_; }

  // The fields below change under the table's lock alone.
  Holder holder() const { return holder_; }
  void set_holder(Holder holder) { holder_ = holder; }

  // How often it has changed hands; above 0 the peer has a mapping of its own (safe memory).
  std::uint64_t transfers() const { return transfers_; }
  void set_transfers(std::uint64_t transfers) { transfers_ = transfers; }

  // This side has made it for the peer, which holds it.
  bool is_lent() const { return is_lent_; }
  void set_lent(bool is_lent) { is_lent_ = is_lent; }

  // Unsafe memory that the peer has made for this side, and wants to hear of when it is gone.
  bool is_borrowed() const { return is_borrowed_; }
  void set_borrowed() { is_borrowed_ = true; }

 private:
  const std::weak_ptr<ShmemTable> table_;
  const ShmemKind kind_;
  const ShmemId id_;
  platform::SharedMemory memory_;
  platform::Mapping mapping_;
  LockPlaces locks_;
  Holder holder_;
  std::uint64_t transfers_ = 0;
  bool is_lent_ = false;
  bool is_borrowed_ = false;
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
