#include "runtime/shmem/memory_note.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>
#include <new>
#include <utility>

namespace baton::internal {
namespace {

constexpr std::size_t kWords = sizeof(NotedMemory) / sizeof(std::uint64_t);
static_assert(kWords * sizeof(std::uint64_t) == sizeof(NotedMemory));

using Words = std::array<std::uint64_t, kWords>;

}  // namespace

// One writer at a time, who never waits; readers look again when they were disturbed. Every store
// is a release and every load an acquire, instead of fences, which TSan cannot see.
class NoteSlot {
 public:
  void Write(const NotedMemory& memory) {
    const auto words = std::bit_cast<Words>(memory);
    const std::uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  // For who writes.
  NotedMemory Written() const {
    Words words;
    for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
    return std::bit_cast<NotedMemory>(words);
  }

  // False: there was no moment of rest.
  bool Read(NotedMemory& memory) const {
    constexpr int kTries = 1000;  // a writer that is not running now may have to be left alone
    Words words;
    for (int i = 0; i < kTries; ++i) {
      const std::uint64_t version = version_.load(std::memory_order_acquire);
      if (version % 2 != 0) continue;
      for (std::size_t at = 0; at < kWords; ++at) {
        words[at] = words_[at].load(std::memory_order_acquire);
      }
      if (version_.load(std::memory_order_relaxed) != version) continue;
      memory = std::bit_cast<NotedMemory>(words);
      return true;
    }
    return false;
  }

  NoteSlot* next_free = nullptr;  // under the lock of all slots

 private:
  std::atomic<std::uint64_t> version_{0};  // odd: is being written
  std::array<std::atomic<std::uint64_t>, kWords> words_ = {};
};

namespace {

// Slots are never given back to the system: a handler may look at any of them at any time.
class NoteSlots {
 public:
  NoteSlot* Take() {
    const std::lock_guard lock(mutex_);
    if (free_ == nullptr) Grow();
    if (free_ == nullptr) return nullptr;
    return std::exchange(free_, free_->next_free);
  }

  void Return(NoteSlot* slot) {
    const std::lock_guard lock(mutex_);
    slot->next_free = std::exchange(free_, slot);
  }

  std::optional<NotedMemory> Find(std::uintptr_t address) const {
    NotedMemory memory;
    for (std::size_t i = 0; i < kChunks; ++i) {
      const NoteSlot* const chunk = chunks_[i].load(std::memory_order_acquire);
      if (chunk == nullptr) break;
      for (std::size_t at = 0; at < ChunkSize(i); ++at) {
        if (chunk[at].Read(memory) && memory.Reaches(address)) return memory;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kFirstChunk = 256;
  static constexpr std::size_t kChunks = 24;  // each twice as large as the one before

  static constexpr std::size_t ChunkSize(std::size_t index) { return kFirstChunk << index; }

  void Grow() {
    if (count_ == kChunks) return;
    NoteSlot* const chunk =
        count_ == 0 ? first_.data() : new (std::nothrow) NoteSlot[ChunkSize(count_)];
    if (chunk == nullptr) return;
    for (std::size_t at = ChunkSize(count_); at > 0; --at) {
      chunk[at - 1].next_free = std::exchange(free_, &chunk[at - 1]);
    }
    chunks_[count_++].store(chunk, std::memory_order_release);
  }

  std::mutex mutex_;
  NoteSlot* free_ = nullptr;
  std::size_t count_ = 0;  // of chunks_
  std::array<std::atomic<NoteSlot*>, kChunks> chunks_ = {};
  std::array<NoteSlot, kFirstChunk> first_;
};

constinit NoteSlots slots;

}  // namespace

void NotedMemory::set_protocol(std::string_view name) {
  const std::size_t length = std::min(name.size(), protocol.size() - 1);
  protocol = {};
  std::copy_n(name.data(), length, protocol.data());
}

void NotedMemory::set_bytes(std::span<const std::byte> bytes) {
  begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  size = bytes.size();
}

void NotedMemory::set_reach(std::span<const std::byte> reach) {
  reach_begin = reinterpret_cast<std::uintptr_t>(reach.data());
  reach_size = reach.size();
}

MemoryNote::MemoryNote(const NotedMemory& memory) : slot_(slots.Take()) {
  if (slot_ != nullptr) slot_->Write(memory);
}

MemoryNote::MemoryNote(MemoryNote&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}

MemoryNote& MemoryNote::operator=(MemoryNote&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

MemoryNote::~MemoryNote() {
  if (slot_ == nullptr) return;
  slot_->Write({});
  slots.Return(slot_);
}

void MemoryNote::HandedOver(const char* sent_with, std::uint64_t transfer) {
  if (slot_ == nullptr) return;
  NotedMemory memory = slot_->Written();
  memory.access = NotedAccess::kHandedOver;
  memory.sent_with = sent_with;
  memory.transfer = transfer;
  slot_->Write(memory);
}

void MemoryNote::CameBack() {
  if (slot_ == nullptr) return;
  NotedMemory memory = slot_->Written();
  memory.access = NotedAccess::kOpen;
  slot_->Write(memory);
}

std::optional<NotedMemory> FindNote(std::uintptr_t address) {
  return slots.Find(address);
}

}  // namespace baton::internal
