// A lock in unsafe shared memory, which survives the other side's death, and its lies.
//
//   auto lock = baton::SharedLock::At(unsafe, 0);          // both sides, at the same place
//   auto held = lock.value().Lock(100ms);
//   if (held) Write(unsafe.bytes().subspan(baton::SharedLock::kSize));
//   ...                                                    // given up with `held`
//
// It is for two sides that trust each other with the data. What the other side may write it may
// write without the lock as well; the lock promises that no call hangs or aborts for it.
//
// When the other side's process ends while it holds the lock, the data may be half-written: Lock
// fails with Errc::kOwnerDied from then on, on whichever side, until somebody takes the lock with
// LockToMend, who puts the data in order. A side that is stopped is alive: Lock fails with
// std::errc::timed_out, and the lock is of use again when it goes on. That a process has died is
// known where there is a handle to it (docs/endpoints.md, Whose death is noticed), at most 10 ms
// after; elsewhere the end of the channel stands for it.
//
// Turns are taken: among threads of one side in the order of their coming, and between the sides
// whoever gives the lock up lets the other one pass that is waiting, for up to 1 ms.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <baton/base/result.h>
#include <baton/shmem.h>

namespace baton {

namespace internal {
class LockPlace;
}

class SharedLock {
 public:
  // Bytes of the memory that belong to the lock, which begin at a multiple of this. Zeros, as in
  // new memory, are a lock that nobody holds.
  static constexpr std::size_t kSize = 64;

  // The lock while it is held. Gives it up when it goes away, on any thread.
  class [[nodiscard]] Held {
   public:
    Held(Held&& other) noexcept = default;
    Held& operator=(Held&& other) noexcept;
    ~Held();

   private:
    friend class SharedLock;
    explicit Held(std::shared_ptr<internal::LockPlace> place) : place_(std::move(place)) {}

    std::shared_ptr<internal::LockPlace> place_;
  };

  // Keeps the memory, also when `shmem` goes. Locks of one side at one place are the same lock.
  // Errors: kEmptyShmem; kClosed when the channel has gone; std::errc::invalid_argument when
  // `offset` is no multiple of kSize or the memory ends before it does.
  static Result<SharedLock> At(const UnsafeShmem& shmem, std::uint64_t offset);

  // Waits for it, up to `deadline` from now (0 or less: only looks). Not for a thread that holds
  // it: that waits for itself. Any thread. Errors: std::errc::timed_out, Errc::kOwnerDied; those of
  // the system.
  Result<Held> Lock(std::chrono::milliseconds deadline);
  Result<Held> TryLock() { return Lock(std::chrono::milliseconds(0)); }

  // As Lock, and takes it also when whoever held it last has died inside. Who calls it does not
  // believe the data before it has put it in order.
  Result<Held> LockToMend(std::chrono::milliseconds deadline);

 private:
  explicit SharedLock(std::shared_ptr<internal::LockPlace> place) : place_(std::move(place)) {}

  std::shared_ptr<internal::LockPlace> place_;
};

}  // namespace baton
