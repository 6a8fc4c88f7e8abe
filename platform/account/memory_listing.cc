#include <baton/platform/account/memory_listing.h>

#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include <baton/platform/own_process.h>

#include "platform/account/registry_pages.h"

namespace baton::platform {
namespace {

using Word = std::atomic<std::uint64_t>;
using Slot = std::array<Word, kRegistryWords>;
static_assert(Word::is_always_lock_free && sizeof(Slot) == kRegistryEntrySize);

std::uint64_t StateWord(RegistryState state, std::uint8_t flags, int peer_pid) {
  return std::uint64_t{static_cast<std::uint8_t>(state)} | std::uint64_t{flags} << 8 |
         std::uint64_t{static_cast<std::uint32_t>(peer_pid)} << 32;
}

// One writer at a time, who never waits. Stores are releases instead of fences, which TSan cannot
// see; on x86 they cost the same.
class Writing {
 public:
  explicit Writing(Slot& slot)
      : slot_(slot), sequence_(slot[kSequenceWord].load(std::memory_order_relaxed)) {
    slot_[kSequenceWord].store(sequence_ + 1, std::memory_order_relaxed);
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() { slot_[kSequenceWord].store(sequence_ + 2, std::memory_order_release); }

  void Put(RegistryWord word, std::uint64_t value) {
    slot_[word].store(value, std::memory_order_release);
  }

 private:
  Slot& slot_;
  const std::uint64_t sequence_;
};

// Which entries are taken: private, so that nobody else has a say in it.
class TakenEntries {
 public:
  std::optional<std::uint16_t> Take() {
    for (std::size_t at = 0; at < words_.size(); ++at) {
      std::uint64_t word = words_[at].load(std::memory_order_relaxed);
      while (word != kFull) {
        const auto bit = static_cast<std::size_t>(std::countr_one(word));
        const std::size_t entry = at * kBits + bit;
        if (entry >= kRegistryEntries) return std::nullopt;
        if (words_[at].compare_exchange_weak(word, word | std::uint64_t{1} << bit,
                                             std::memory_order_acquire)) {
          return static_cast<std::uint16_t>(entry);
        }
      }
    }
    return std::nullopt;
  }
  void Return(std::uint16_t entry) {
    words_[entry / kBits].fetch_and(~(std::uint64_t{1} << entry % kBits),
                                    std::memory_order_release);
  }
  void Clear() {
    for (auto& word : words_) word.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kBits = 64;
  static constexpr std::uint64_t kFull = ~std::uint64_t{0};
  std::array<std::atomic<std::uint64_t>, (kRegistryEntries + kBits - 1) / kBits> words_ = {};
};

// That of this process, for ever. Made once: whoever was short of something then does without.
class OwnRegistry {
 public:
  bool Make() {
    if (is_there_.load(std::memory_order_acquire)) return true;
    if (is_tried_.load(std::memory_order_relaxed)) return false;
    const std::lock_guard lock(making_);
    if (is_tried_.exchange(true, std::memory_order_relaxed)) {
      return is_there_.load(std::memory_order_relaxed);
    }
    if (!watches_forks_) watches_forks_ = WhenForking(BeforeFork, AfterFork, InChild);
    if (!watches_forks_) return false;
    auto pages = MakeRegistryPages();
    if (!pages) return false;
    object_ = pages->object.Release();
    header_ = new (pages->begin) RegistryHeader{.magic = kRegistryMagic,
                                                .version = kRegistryVersion,
                                                .entry_size = kRegistryEntrySize,
                                                .entry_count = kRegistryEntries,
                                                .pid = static_cast<std::uint32_t>(ProcessId()),
                                                .unlisted = 0,
                                                .reserved = {}};
    slots_ = new (pages->begin + sizeof(RegistryHeader)) Slot[kRegistryEntries]();
    is_there_.store(true, std::memory_order_release);
    return true;
  }

  bool is_there() const { return is_there_.load(std::memory_order_acquire); }
  std::uint32_t process() const { return process_.load(std::memory_order_relaxed); }
  TakenEntries& taken() { return taken_; }
  Slot& slot(std::size_t entry) { return slots_[entry]; }
  std::atomic_ref<std::uint64_t> unlisted() { return std::atomic_ref(header_->unlisted); }

 private:
  static void BeforeFork();
  static void AfterFork();
  static void InChild();

  std::mutex making_;
  std::atomic<bool> is_tried_{false};
  std::atomic<bool> is_there_{false};
  std::atomic<std::uint32_t> process_{0};
  bool watches_forks_ = false;
  NativeHandle object_ = kNoHandle;
  RegistryHeader* header_ = nullptr;
  Slot* slots_ = nullptr;
  TakenEntries taken_;
};

constinit OwnRegistry own;

void OwnRegistry::BeforeFork() {
  own.making_.lock();
}

void OwnRegistry::AfterFork() {
  own.making_.unlock();
}

// The pages have stayed with the parent.
void OwnRegistry::InChild() {
  own.process_.fetch_add(1, std::memory_order_relaxed);
  Handle(own.object_).Reset();
  own.object_ = kNoHandle;
  own.header_ = nullptr;
  own.slots_ = nullptr;
  own.taken_.Clear();
  own.is_there_ = false;
  own.is_tried_ = false;
  own.making_.unlock();
}

}  // namespace

MemoryListing::MemoryListing(const Handle& object, const ListedMemory& memory,
                             MakeRegistry making) {
  const bool is_there = making == MakeRegistry::kYes ? own.Make() : own.is_there();
  if (!is_there) return;
  const auto numbers = NumbersOf(object);
  if (!numbers) return;
  process_ = own.process();
  const auto entry = own.taken().Take();
  if (!entry) {
    place_ = Place::kUnlisted;
    own.unlisted().fetch_add(1, std::memory_order_relaxed);
    return;
  }
  place_ = Place::kEntry;
  entry_ = *entry;
  flags_ = memory.keeps_access ? kKeepsAccess : 0;
  Writing writing(own.slot(entry_));
  writing.Put(kDeviceWord, numbers->first);
  writing.Put(kInodeWord, numbers->second);
  writing.Put(kStateWord, StateWord(memory.state, flags_, 0));
  writing.Put(kBytesWord, memory.bytes);
  writing.Put(kTransfersWord, 0);
  writing.Put(kSinceWord, CoarseMonotonicNanos());
}

MemoryListing::MemoryListing(MemoryListing&& other) noexcept
    : place_(std::exchange(other.place_, Place::kNone)),
      flags_(other.flags_),
      entry_(other.entry_),
      process_(other.process_) {}

MemoryListing& MemoryListing::operator=(MemoryListing&& other) noexcept {
  std::swap(place_, other.place_);
  std::swap(flags_, other.flags_);
  std::swap(entry_, other.entry_);
  std::swap(process_, other.process_);
  return *this;
}

bool MemoryListing::IsOfThisProcess() const {
  return process_ == own.process();
}

MemoryListing::~MemoryListing() {
  if (place_ == Place::kNone || !IsOfThisProcess()) return;
  if (place_ == Place::kUnlisted) {
    own.unlisted().fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  Writing(own.slot(entry_)).Put(kStateWord, 0);
  own.taken().Return(entry_);
}

void MemoryListing::Set(RegistryState state, std::uint64_t transfers, int peer_pid) {
  if (place_ != Place::kEntry || !IsOfThisProcess()) return;
  Writing writing(own.slot(entry_));
  writing.Put(kStateWord, StateWord(state, flags_, peer_pid));
  writing.Put(kTransfersWord, transfers);
  writing.Put(kSinceWord, CoarseMonotonicNanos());
}

void MemoryListing::SetBytes(std::uint64_t bytes) {
  if (place_ != Place::kEntry || !IsOfThisProcess()) return;
  Writing(own.slot(entry_)).Put(kBytesWord, bytes);
}

}  // namespace baton::platform
