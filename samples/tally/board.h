// A table of words and how often they came, in memory that two processes share: a container of
// Boost.Interprocess, whose pointers are distances, so that it may lie at another address in each
// process, behind a lock that survives the other one's death.
//
// For processes that trust each other: the container follows whatever distances stand in the
// memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <baton/baton.h>
#include <baton/shared_lock.h>

namespace samples {

class Board {
 public:
  static constexpr std::uint64_t kSize = 64 * 1024;  // bytes of memory that it wants

  // An empty one in new memory of kSize bytes; one side makes it.
  static baton::Result<Board> Make(const baton::UnsafeShmem& memory);
  // What the other side has made.
  static baton::Result<Board> Open(const baton::UnsafeShmem& memory);

  // Counts each word of `text`, `rounds` times, one lock a word. Errors: std::errc::timed_out and
  // Errc::kOwnerDied of the lock; std::errc::not_enough_memory when the board is full.
  baton::Result<void> Count(std::string_view text, std::uint32_t rounds);

  // All words in alphabetical order. Errors: of the lock.
  baton::Result<std::vector<std::pair<std::string, std::uint32_t>>> Read();

 private:
  Board(baton::UnsafeShmem memory, baton::SharedLock lock)
      : memory_(std::move(memory)), lock_(std::move(lock)) {}

  baton::Result<void> CountOne(const std::string& word);

  baton::UnsafeShmem memory_;
  baton::SharedLock lock_;
};

}  // namespace samples
