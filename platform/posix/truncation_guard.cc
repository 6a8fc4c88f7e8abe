#include "platform/posix/truncation_guard.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>

#include "platform/posix/sigbus_handler.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// A slot's state: what it is used for, and how often it has been used before. A handler that has
// looked at a slot which is somebody else's by now cannot change it.
constexpr std::uint64_t kPhase = 3;
constexpr std::uint64_t kNextUse = 4;
enum Phase : std::uint64_t { kFree = 0, kWatched = 1, kCovering = 2, kDamaged = 3 };

constexpr std::uint64_t With(std::uint64_t state, Phase phase) {
  return (state & ~kPhase) | phase;
}

enum class Filled { kYes, kNo, kPerhapsGone };

// What can fail for want of room is done beside it: as long as that is all that has failed, the
// guarded mapping is where it was. A mapping over it that fails may have taken it away, and
// somebody else's may lie there by then.
Filled CoverWithZeros(std::byte* begin, std::size_t size) {
  void* const zeros = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (zeros == MAP_FAILED) return Filled::kNo;
  if (::mremap(zeros, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, begin) != MAP_FAILED) {
    return Filled::kYes;
  }
  ::munmap(zeros, size);
  return Filled::kPerhapsGone;
}

}  // namespace

struct TruncationGuard::Slot {
  std::atomic<std::uint64_t> state{kFree};
  std::atomic<std::byte*> begin{nullptr};
  std::atomic<std::size_t> size{0};
  std::atomic<std::byte*> area_begin{nullptr};
  std::atomic<std::size_t> area_size{0};
  Slot* next_free = nullptr;

  bool Holds(const std::byte* address) const {
    const std::byte* const first = begin.load();
    return address >= first && address < first + size.load();
  }
  // When there is no room for zeros everywhere (vm.overcommit_memory), those pages alone.
  bool Fill() const {
    Filled filled = CoverWithZeros(area_begin.load(), area_size.load());
    if (filled == Filled::kNo) filled = CoverWithZeros(begin.load(), size.load());
    return filled == Filled::kYes;
  }
};

// Never given back: a handler may be looking at them.
struct TruncationGuard::Slots {
  std::array<Slot, 128> slots;
  Slots* next = nullptr;
};

class TruncationGuard::Book {
 public:
  Slot* Take() {
    const std::lock_guard lock(mutex_);
    if (free_ == nullptr && !Grow()) return nullptr;
    Slot* const slot = free_;
    free_ = slot->next_free;
    return slot;
  }

  void Return(Slot& slot) {
    const std::lock_guard lock(mutex_);
    slot.next_free = free_;
    free_ = &slot;
  }

  // For the handler: without the lock.
  const std::atomic<Slots*>& first() const { return first_; }

  // A child that was forked has one thread, and it was in no handler: whoever was covering here is
  // not in it, and would never come to an end.
  void ForgetCoverers() {
    for (Slots* block = first_.load(); block != nullptr; block = block->next) {
      for (Slot& slot : block->slots) {
        const std::uint64_t state = slot.state.load();
        if ((state & kPhase) == kCovering) slot.state.store(With(state, kWatched));
      }
    }
  }

 private:
  bool Grow() {
    auto* const more = new (std::nothrow) Slots;
    if (more == nullptr) return false;
    for (Slot& slot : more->slots) {
      slot.next_free = free_;
      free_ = &slot;
    }
    more->next = first_.load();
    first_.store(more);
    return true;
  }

  std::mutex mutex_;
  Slot* free_ = nullptr;
  std::atomic<Slots*> first_{nullptr};
};

namespace {

// Without a destructor: mappings may outlive the objects of this file.
template <class T>
T& Forever() {
  static T& made = *new T;
  return made;
}

}  // namespace

bool TruncationGuard::Cover(const std::byte* address) {
  for (Slots* block = Forever<Book>().first().load(); block != nullptr; block = block->next) {
    for (Slot& slot : block->slots) {
      std::uint64_t state = slot.state.load();
      if ((state & kPhase) == kFree || !slot.Holds(address)) continue;
      // Another thread is at it: whoever came here makes its instruction again, and comes back
      // unless that is done.
      if ((state & kPhase) == kCovering) return true;
      if (!slot.state.compare_exchange_strong(state, With(state, kCovering))) {
        if ((state & kPhase) != kFree && slot.Holds(address)) return true;
        continue;
      }
      const bool is_filled = slot.Fill();
      slot.state.store(With(state, is_filled ? kDamaged : kWatched));
      return is_filled;
    }
  }
  return false;
}

Result<std::unique_ptr<TruncationGuard>> TruncationGuard::Watch(std::span<std::byte> pages,
                                                                std::span<std::byte> area) {
  Book& book = Forever<Book>();  // before a handler asks for it
  static const int tells_children =
      ::pthread_atfork(nullptr, nullptr, [] { Forever<Book>().ForgetCoverers(); });
  if (tells_children != 0) return FailWith(tells_children);
  BATON_CHECKED(InstallSigbusHandler(&TruncationGuard::Cover));
  Slot* const slot = book.Take();
  if (slot == nullptr) return FailWith(ENOMEM);
  slot->begin.store(pages.data());
  slot->size.store(pages.size());
  slot->area_begin.store(area.data());
  slot->area_size.store(area.size());
  slot->state.store(With(slot->state.load() + kNextUse, kWatched));
  return std::unique_ptr<TruncationGuard>(new TruncationGuard(*slot));
}

// Whoever is covering maps zeros over it, so nothing may be unmapped before that is done.
TruncationGuard::~TruncationGuard() {
  std::uint64_t state = slot_.state.load();
  for (;;) {
    if ((state & kPhase) == kCovering) {
      ::sched_yield();
      state = slot_.state.load();
    } else if (slot_.state.compare_exchange_weak(state, With(state, kFree))) {
      break;
    }
  }
  Forever<Book>().Return(slot_);
}

bool TruncationGuard::is_damaged() const {
  const std::uint64_t phase = slot_.state.load() & kPhase;
  return phase == kDamaged || phase == kCovering;
}

}  // namespace baton::platform
