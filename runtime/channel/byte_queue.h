// Bytes that wait in order: what is pushed in one piece comes out in one piece. Blocks of memory
// are used again, so that a queue that fills and empties allocates nothing: fresh memory costs a
// page fault for every 4 KiB of it, which is more than copying them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace baton::internal {

class ByteQueue {
 public:
  // A copy of two pieces, one behind the other. Stays where it is until it is popped.
  std::span<std::byte> Push(std::span<const std::byte> head, std::span<const std::byte> body) {
    const std::size_t size = head.size() + body.size();
    if (blocks_.empty() || blocks_.back().capacity - blocks_.back().end < size) AddBlock(size);
    Block& block = blocks_.back();
    std::byte* const at = block.memory.get() + block.end;
    std::memcpy(at, head.data(), head.size());
    if (!body.empty()) std::memcpy(at + head.size(), body.data(), body.size());
    block.end += size;
    return {at, size};
  }

  // Drops the oldest piece, of `size` bytes.
  void Pop(std::size_t size) {
    Block& block = blocks_.front();
    block.begin += size;
    if (block.begin != block.end) return;
    block.begin = block.end = 0;
    if (blocks_.size() == 1) return;
    if (block.capacity == kBlockSize && spare_.size() < kMostSpare) {
      spare_.push_back(std::move(block.memory));
    }
    blocks_.pop_front();
  }

  // Gives back what is not needed at the moment.
  void Shrink() {
    spare_.clear();
    if (blocks_.size() == 1 && blocks_.front().begin == blocks_.front().end) blocks_.clear();
  }

  void Clear() {
    blocks_.clear();
    spare_.clear();
  }

 private:
  // Takes three frames of the largest kind.
  static constexpr std::size_t kBlockSize = std::size_t{256} << 10;
  static constexpr std::size_t kMostSpare = 8;

  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t capacity;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void AddBlock(std::size_t size) {
    if (size > kBlockSize || spare_.empty()) {
      const std::size_t capacity = std::max(size, kBlockSize);
      blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(capacity), capacity});
    } else {
      blocks_.push_back({std::move(spare_.back()), kBlockSize});
      spare_.pop_back();
    }
  }

  std::deque<Block> blocks_;
  std::vector<std::unique_ptr<std::byte[]>> spare_;
};

}  // namespace baton::internal
