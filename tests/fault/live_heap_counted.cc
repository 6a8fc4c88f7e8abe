#include "tests/fault/live_heap.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> live{0};

void* Counted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  live.fetch_add(1, std::memory_order_relaxed);
  return block;
}

void GiveBack(void* block) {
  if (block == nullptr) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  return Counted(std::malloc(size == 0 ? 1 : size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto at = static_cast<std::size_t>(alignment);
  return Counted(std::aligned_alloc(at, (size + at - 1) / at * at));
}

void operator delete(void* block) noexcept {
  GiveBack(block);
}

void operator delete(void* block, std::size_t) noexcept {
  GiveBack(block);
}

void operator delete(void* block, std::align_val_t) noexcept {
  GiveBack(block);
}

void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  GiveBack(block);
}

namespace baton::testing {

std::optional<long> LiveBlocks() {
  return live.load(std::memory_order_relaxed);
}

}  // namespace baton::testing
