// One place in unsafe memory that is a lock, as this side knows it: its threads' turns, and the
// word.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/shmem/lock_word.h"
#include "runtime/shmem/peer_life.h"
#include "runtime/shmem/shmem_record.h"
#include "runtime/shmem/turn_queue.h"

namespace baton::internal {

class LockPlace {
 public:
  // `word` lies in the memory of `record`.
  LockPlace(std::shared_ptr<ShmemRecord> record, std::atomic<std::uint32_t>& word, Side side,
            std::shared_ptr<const PeerLife> peer)
      : record_(std::move(record)), peer_(std::move(peer)), word_(word, side, *peer_) {}

  // As LockWord::Take, for any thread.
  Result<void> Take(IfBroken if_broken, std::chrono::steady_clock::time_point until);
  void GiveUp();

 private:
  const std::shared_ptr<ShmemRecord> record_;
  const std::shared_ptr<const PeerLife> peer_;
  TurnQueue threads_;
  LockWord word_;  // for whoever has entered `threads_`
};

}  // namespace baton::internal
