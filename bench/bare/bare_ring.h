// A ring of messages in shared memory and nothing around it: what two processes could have that
// trust each other blindly. The yardstick of the channel's rings; it checks nothing.
//
// One writer, one reader. A message is written and read in place; it never runs over the end of the
// ring, so it may be as long as an eighth of it. The reader lets the writer have room in steps of
// an eighth, the writer wakes only a reader that waits, the reader only a writer that waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace bench {

// What a side does while there is nothing to read, or no room.
enum class Waiting {
  kSpin,           // looks again and again, and yields now and then
  kSpinInTurn,     // the same; looks once in a millisecond when nothing has come for about one
  kFutex,          // asleep on a word of the ring
  kBell,           // asleep in read() of a handle (an eventfd)
  kEpoll,          // asleep in epoll_wait() for a handle (a socket)
  kSpinThenFutex,  // looks for about 50 us, then asleep on the word
};

// The handles by which the sides wake each other with kBell and kEpoll; not owned. Eight bytes wake
// once, so an eventfd does as well as a socket.
struct Bells {
  int ours = -1;    // read by this process
  int theirs = -1;  // written by this process
  int epoll = -1;   // for kEpoll: watches `ours`
};

// One of the two words that a ring is about, and who waits for it.
struct RingWord {
  alignas(64) std::atomic<std::uint64_t> position;  // bytes ever written, or read
  std::atomic<std::uint32_t> waiting;               // the other side sleeps until it reaches
  std::atomic<std::uint64_t> wanted;                // this position
};

class RingWaiter {
 public:
  RingWaiter(Waiting waiting, Bells bells) : waiting_(waiting), bells_(bells) {}

  // Until the position has reached `wanted`.
  void Await(RingWord& word, std::uint64_t wanted) const;
  // Moves the position and wakes who waits for that.
  void Advance(RingWord& word, std::uint64_t to) const;

 private:
  bool Spins() const { return waiting_ == Waiting::kSpin || waiting_ == Waiting::kSpinInTurn; }
  void AwaitAsleep(RingWord& word, std::uint64_t wanted) const;
  void SleepOnBell() const;

  Waiting waiting_;
  Bells bells_;
};

// `memory` of both classes: zeroed when the ring begins; this much for the words, then a power of
// two.
inline constexpr std::size_t kRingWordBytes = 4096;
inline constexpr std::size_t kRingBytes = kRingWordBytes + (std::size_t{1} << 20);
inline constexpr std::size_t kLargestRingMessage = std::size_t{64} << 10;

class BareRingWriter {
 public:
  BareRingWriter(std::span<std::byte> memory, RingWaiter waiter);

  // Room for a message of `size` bytes; waits for it.
  std::byte* Loan(std::size_t size);
  // Publishes the message loaned last.
  void Send();

 private:
  void AwaitRoom(std::size_t needed);

  RingWord& written_word_;
  RingWord& read_word_;
  std::span<std::byte> data_;
  RingWaiter waiter_;
  std::uint64_t written_ = 0;
  std::uint64_t next_ = 0;  // written_ once the loaned message is sent
  std::uint64_t read_ = 0;  // as far as seen
};

class BareRingReader {
 public:
  BareRingReader(std::span<std::byte> memory, RingWaiter waiter);

  // The next message; waits for it. Valid until the next call.
  std::span<const std::byte> Receive();

 private:
  void AwaitMore();

  RingWord& written_word_;
  RingWord& read_word_;
  std::span<std::byte> data_;
  RingWaiter waiter_;
  std::uint64_t written_ = 0;   // as far as seen
  std::uint64_t read_ = 0;      // up to and including what Receive has given out
  std::uint64_t released_ = 0;  // as the writer knows it
};

}  // namespace bench
