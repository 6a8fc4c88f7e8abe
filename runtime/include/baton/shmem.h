// Memory that two processes hand to each other, one holder at a time.
//
//        AllocShmem()            SendX(std::move(shmem))
//   ───────────────────▶ Owned ──────────────────────────▶ Peer
//                          ▲                                 │
//                          └─────────────────────────────────┘
//                             RecvX(Shmem) from the peer
//
// Sending revokes this process's access before the message leaves, in every build: a stray pointer
// into the bytes faults from then on. When the memory comes back, the same bytes are accessible
// again at the same address. What revocation does not do: it binds this process's own code, not a
// hostile peer, who may keep a second mapping of what it sends. Copy what you branch on. Nor does
// it stop transfers of the kernel's that are under way (O_DIRECT, io_uring); docs/shmem.md.
// ChannelOptions::revocation chooses how it is done, and whether.
//
// Threads: the bytes may be touched by any thread while this side owns them. Sending is for the
// actor's executor; destroying a handle is legal on any thread, while the io_context lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace baton {

namespace internal {
class ShmemRecord;
class ShmemAccess;
class ShmemSliceAccess;
}  // namespace internal

// 128 random bits; who allocated the memory made them.
struct ShmemId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 mistakes the defaulted operator
  friend auto operator<=>(const ShmemId&, const ShmemId&) = default;
};

// What this handle is good for, as this process knows it.
enum class ShmemState : std::uint8_t {
  kEmpty,   // default-made or deallocated: no memory
  kOwned,   // ours: bytes() may be read and written
  kSent,    // handed over through this handle; the peer owns it
  kShared,  // UnsafeShmem: both sides may touch it
  kFrozen,  // FrozenShmem: nobody writes any more, anybody reads
};

// What safe memory is going to be used for, beside being handed over.
enum class ShmemUse : std::uint8_t {
  kOrdinary,
  // It will be frozen (Actor::Freeze). Handing it over unmaps it here, whatever the channel's
  // revocation, so that nothing of this process stands in the way of whoever freezes it. Costs a
  // second open file, and page faults each time it comes back.
  kFreezable,
  // The peer keeps a handle to it from the beginning, so that the death of this process does not
  // lose what it has not handed over yet. Costs the peer an open file, address space and quota.
  kSurvivable,
};

// Safe shared memory: one process may touch it at a time. Made by Actor::AllocShmem, consumed by
// sending, received by value. Destroying the handle of memory that this side owns frees it, like
// DeallocShmem.
class Shmem {
 public:
  Shmem() noexcept = default;
  Shmem(Shmem&& other) noexcept;
  Shmem& operator=(Shmem&& other) noexcept;
  ~Shmem();

  // The memory, exactly as many bytes as were asked for; empty unless state() is kOwned.
  std::span<std::byte> bytes();
  std::span<const std::byte> bytes() const;

  // Bytes; 0 unless owned.
  std::uint64_t size() const { return bytes().size(); }
  ShmemState state() const;
  ShmemId id() const;  // zero when empty or sent

  // The peer has shrunk it, and it was touched since: it reads as zeros. Sending it closes the
  // channel then (Rule::kHandleSize). Only where memory is not sealed: docs/shmem.md. Any thread.
  bool is_damaged() const;

 private:
  friend class internal::ShmemAccess;
  std::shared_ptr<internal::ShmemRecord> record_;
  bool sent_ = false;
};

// Unsafe shared memory: both processes may touch it at once, nothing is ever revoked, and what the
// peer writes may change between two reads. Sending it shares it; the handle stays good.
class UnsafeShmem {
 public:
  UnsafeShmem() noexcept = default;
  UnsafeShmem(UnsafeShmem&& other) noexcept = default;
  UnsafeShmem& operator=(UnsafeShmem&& other) noexcept = default;
  ~UnsafeShmem();

  // One more handle to the same memory within this process, which lives as long as any of them.
  UnsafeShmem Share() const;

  std::span<std::byte> bytes() const;
  std::uint64_t size() const { return bytes().size(); }
  ShmemState state() const;
  ShmemId id() const;
  bool is_damaged() const;  // as of Shmem

 private:
  friend class internal::ShmemAccess;
  std::shared_ptr<internal::ShmemRecord> record_;
};

}  // namespace baton
