// Memory that nobody can change any more, and that any number of processes may read at once.
//
//   Shmem ──Actor::Freeze, or AsyncFreeze──▶ FrozenShmem ──SendX──▶ FrozenShmem there, and here
//
// The kernel freezes memory only when nobody has a writable mapping of it left, whoever that may
// be, and lets nobody have one afterwards. So whoever holds a FrozenShmem has proof, not somebody's
// word: the bytes may be parsed in place, also when they come from a peer that is not trusted. What
// they mean is another question: check it as you would check a private copy.
//
// Frozen memory belongs to no channel. It may be sent to any number of peers, and outlives the
// channel that it came by. docs/shmem.md tells the whole story.
//
// Threads: one handle is for one thread at a time; the bytes may be read by all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <baton/shmem.h>

namespace baton {

namespace internal {
class FrozenAccess;
class FrozenRecord;
}  // namespace internal

class FrozenShmem {
 public:
  FrozenShmem() noexcept = default;  // empty
  FrozenShmem(FrozenShmem&& other) noexcept = default;
  FrozenShmem& operator=(FrozenShmem&& other) noexcept = default;
  ~FrozenShmem();

  // One more handle to the same memory within this process, which lives as long as any of them.
  FrozenShmem Share() const;

  // Exactly as many as the Shmem had; none when empty.
  std::span<const std::byte> bytes() const;
  std::uint64_t size() const { return bytes().size(); }
  ShmemState state() const;  // kFrozen or kEmpty

  // That of the Shmem it was, for logs. Of memory that has come from a peer it is what the peer
  // says, and no proof of anything. Zero when empty.
  ShmemId id() const;

 private:
  friend class internal::FrozenAccess;
  std::shared_ptr<const internal::FrozenRecord> record_;
};

}  // namespace baton
