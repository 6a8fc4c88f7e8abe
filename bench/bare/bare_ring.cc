#include "bench/bare/bare_ring.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>
#include <new>

#include <baton/base/check.h>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeader = sizeof(std::uint64_t);  // of a message: its size
constexpr std::uint64_t kSkip = ~std::uint64_t{0};      // in its place: go on at the beginning

bool Reached(const RingWord& word, std::uint64_t wanted) {
  return word.position.load(std::memory_order_acquire) >= wanted;
}

long Futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* deadline = nullptr) {
  return syscall(SYS_futex, &word, operation, value, deadline, nullptr, 0);
}

// Whoever spins for ever steals the CPU of what is measured in turn with it, and being woken would
// cost the writer: with `rests` it looks rarely when nothing has come for long.
void AwaitSpinning(RingWord& word, std::uint64_t wanted, bool rests) {
  constexpr int kLooks = 256;
  constexpr int kYields = 500;
  constexpr timespec kRarely = {.tv_sec = 0, .tv_nsec = 1'000'000};
  for (int yields = 0;;) {
    for (int look = 0; look < kLooks; ++look) {
      if (Reached(word, wanted)) return;
    }
    if (rests && ++yields > kYields) {
      (void)Futex(word.waiting, FUTEX_WAIT, 0, &kRarely);
    } else {
      sched_yield();
    }
  }
}

// False: it has not come in about the time that a wake-up across CPUs takes.
bool ReachedSoon(const RingWord& word, std::uint64_t wanted) {
  constexpr int kLooks = 64;
  const auto end = Clock::now() + std::chrono::microseconds(50);
  while (Clock::now() < end) {
    for (int look = 0; look < kLooks; ++look) {
      if (Reached(word, wanted)) return true;
    }
    sched_yield();  // the other side may need this CPU
  }
  return false;
}

RingWord* WordsIn(std::span<std::byte> memory) {
  return std::launder(reinterpret_cast<RingWord*>(memory.data()));
}

std::size_t RecordSize(std::size_t size) {
  return kHeader + (size + kHeader - 1) / kHeader * kHeader;
}

}  // namespace

void RingWaiter::Await(RingWord& word, std::uint64_t wanted) const {
  if (Spins()) return AwaitSpinning(word, wanted, waiting_ == Waiting::kSpinInTurn);
  if (waiting_ == Waiting::kSpinThenFutex && ReachedSoon(word, wanted)) return;
  AwaitAsleep(word, wanted);
}

void RingWaiter::AwaitAsleep(RingWord& word, std::uint64_t wanted) const {
  word.wanted.store(wanted, std::memory_order_relaxed);
  while (!Reached(word, wanted)) {
    word.waiting.store(1, std::memory_order_seq_cst);
    if (word.position.load(std::memory_order_seq_cst) >= wanted) break;
    if (waiting_ == Waiting::kBell || waiting_ == Waiting::kEpoll) {
      SleepOnBell();
    } else {
      (void)Futex(word.waiting, FUTEX_WAIT, 1);
    }
  }
  word.waiting.store(0, std::memory_order_relaxed);
}

void RingWaiter::SleepOnBell() const {
  if (waiting_ == Waiting::kEpoll) {
    epoll_event event = {};
    BATON_CHECK(epoll_wait(bells_.epoll, &event, 1, -1) == 1);
  }
  std::array<std::uint64_t, 8> rung = {};
  const ssize_t size = read(bells_.ours, rung.data(), sizeof(rung));
  if (size <= 0) _exit(3);  // the other side has gone
}

void RingWaiter::Advance(RingWord& word, std::uint64_t to) const {
  if (Spins()) {
    word.position.store(to, std::memory_order_release);
    return;
  }
  word.position.store(to, std::memory_order_seq_cst);
  if (word.waiting.load(std::memory_order_seq_cst) == 0) return;
  if (to < word.wanted.load(std::memory_order_relaxed) || word.waiting.exchange(0) == 0) return;
  if (waiting_ == Waiting::kBell || waiting_ == Waiting::kEpoll) {
    constexpr std::uint64_t kOnce = 1;
    BATON_CHECK(write(bells_.theirs, &kOnce, sizeof(kOnce)) == sizeof(kOnce));
  } else {
    (void)Futex(word.waiting, FUTEX_WAKE, 1);
  }
}

BareRingWriter::BareRingWriter(std::span<std::byte> memory, RingWaiter waiter)
    : written_word_(WordsIn(memory)[0]),
      read_word_(WordsIn(memory)[1]),
      data_(memory.subspan(kRingWordBytes)),
      waiter_(waiter) {}

std::byte* BareRingWriter::Loan(std::size_t size) {
  const std::size_t record = RecordSize(size);
  std::size_t offset = written_ % data_.size();
  const std::size_t skipped = offset + record > data_.size() ? data_.size() - offset : 0;
  AwaitRoom(skipped + record);
  if (skipped > 0) {
    std::memcpy(data_.data() + offset, &kSkip, kHeader);
    offset = 0;
  }
  next_ = written_ + skipped + record;
  const std::uint64_t header = size;
  std::memcpy(data_.data() + offset, &header, kHeader);
  return data_.data() + offset + kHeader;
}

void BareRingWriter::Send() {
  written_ = next_;
  waiter_.Advance(written_word_, written_);
}

void BareRingWriter::AwaitRoom(std::size_t needed) {
  if (written_ + needed <= read_ + data_.size()) return;
  read_ = read_word_.position.load(std::memory_order_acquire);
  if (written_ + needed <= read_ + data_.size()) return;
  const std::uint64_t half_empty = written_ - std::min<std::uint64_t>(written_, data_.size() / 2);
  waiter_.Await(read_word_, std::max(half_empty, written_ + needed - data_.size()));
  read_ = read_word_.position.load(std::memory_order_acquire);
}

BareRingReader::BareRingReader(std::span<std::byte> memory, RingWaiter waiter)
    : written_word_(WordsIn(memory)[0]),
      read_word_(WordsIn(memory)[1]),
      data_(memory.subspan(kRingWordBytes)),
      waiter_(waiter) {}

std::span<const std::byte> BareRingReader::Receive() {
  for (;;) {
    AwaitMore();
    const std::size_t offset = read_ % data_.size();
    std::uint64_t size;
    std::memcpy(&size, data_.data() + offset, kHeader);
    if (size == kSkip) {
      read_ += data_.size() - offset;
      continue;
    }
    read_ += RecordSize(size);
    return data_.subspan(offset + kHeader, size);
  }
}

void BareRingReader::AwaitMore() {
  if (read_ - released_ >= data_.size() / 8) waiter_.Advance(read_word_, released_ = read_);
  if (read_ < written_) return;
  written_ = written_word_.position.load(std::memory_order_acquire);
  if (read_ < written_) return;
  if (released_ != read_) waiter_.Advance(read_word_, released_ = read_);
  waiter_.Await(written_word_, read_ + 1);
  written_ = written_word_.position.load(std::memory_order_acquire);
}

}  // namespace bench
