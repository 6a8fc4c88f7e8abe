// Memory of one channel that nobody uses: kept to be given out again, mapped on both sides, instead
// of being unmapped here and made anew (docs/shmem.md, The pool).
//
// Knows no channel, no lock and no clock: the ShmemTable calls it under its lock, and whoever has a
// timer calls Age.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/shmem/shmem_record.h"
#include "runtime/shmem/size_class.h"

namespace baton::internal {

struct PoolStatistics {
  std::uint64_t bytes = 0;  // in the pool now, in whole size classes
  std::uint64_t pieces = 0;
  std::uint64_t hits = 0;    // allocations that found a piece
  std::uint64_t misses = 0;  // that could have, and found none
  std::uint64_t trims = 0;   // pieces that were let go: idle, asked for, or short of memory
};

class ShmemPool {
 public:
  using Pieces = std::vector<std::shared_ptr<ShmemRecord>>;

  // `max_bytes` 0: nothing is ever kept.
  ShmemPool(std::uint64_t max_bytes, std::size_t max_pieces)
      : max_bytes_(max_bytes), max_pieces_(max_bytes == 0 ? 0 : max_pieces) {}

  bool is_on() const { return max_pieces_ > 0; }
  bool empty() const { return counts_.pieces == 0; }
  const PoolStatistics& statistics() const { return counts_; }

  // How large memory of `size` bytes is made so that it can come here later; 0: it cannot.
  std::uint64_t CapacityFor(std::uint64_t size) const;

  // False, and nothing has changed: there is no room. The piece has a capacity.
  bool Put(const std::shared_ptr<ShmemRecord>& piece);

  // The piece of that class that was put last; null when there is none. Counts.
  std::shared_ptr<ShmemRecord> Take(std::uint64_t capacity);

  // Memory that this side has given back, and maps until its owner lets go of it. False: that would
  // be more than what this side itself may keep, and it is to be unmapped.
  bool NoteGivenBack(ShmemRecord& piece);
  // It has come again, or is unmapped. Nothing happens for any other.
  void ForgetGivenBack(ShmemRecord& piece);

  // Removes what was there already at the last call, and has not been used since.
  Pieces Age();
  // Removes everything.
  Pieces Clear();

 private:
  struct Resting {
    std::shared_ptr<ShmemRecord> piece;
    std::uint64_t since;  // in calls of Age
  };

  struct Load {
    std::uint64_t bytes = 0;
    std::uint64_t pieces = 0;
  };
  bool HasRoomFor(std::uint64_t capacity, const Load& load) const;

  // The first `count` of a class: those that have been there longest.
  void Remove(std::vector<Resting>& from, std::size_t count, Pieces& into);

  const std::uint64_t max_bytes_;
  const std::size_t max_pieces_;
  std::vector<std::vector<Resting>> classes_;  // made with the first piece
  std::uint64_t age_ = 0;
  PoolStatistics counts_;
  Load given_back_;
};

}  // namespace baton::internal
