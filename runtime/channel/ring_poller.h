// Looks into the rings of all busy channels of one executor, so that messages arrive without a
// system call; a channel that stays quiet falls asleep, and a poller without busy channels stops.
//
// No thread of its own: it runs as a handler of the executor, for a few microseconds at a time, and
// posts itself again behind the handlers that others have posted. So it is as much work as any
// other handler that is always ready: it costs the user's handlers its turns (at most kTurn), and
// takes a CPU while channels are busy. How long a quiet channel is looked at says
// ChannelOptions::max_spin.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

namespace baton::internal {

using Clock = std::chrono::steady_clock;

// One channel, as the poller sees it.
class Polled {
 public:
  // Dispatches what is there, up to a fair share. True when there was something.
  virtual bool Poll() = 0;

  // Nothing has come for as long as it may take: asks for doorbells from now on. False when
  // something came meanwhile.
  virtual bool FallAsleep() = 0;

 protected:
  ~Polled() = default;
};

// How long to look at a quiet channel before it sleeps. Looking pays when the next message comes
// before it would have been woken; so a channel whose messages come rarely is not looked at.
class SpinBudget {
 public:
  SpinBudget(std::chrono::nanoseconds most, bool one_processor)
      : most_(most), one_processor_(one_processor), quiet_since_(Clock::now()) {}

  std::chrono::nanoseconds to_spin() const {
    return score_ > 0 && !one_processor_ ? most_ : std::chrono::nanoseconds(0);
  }
  // Yielding the processor to whoever else wants it costs nothing when nobody does.
  bool yields() const { return most_.count() > 0 && score_ > 0; }

  // Something has come.
  void NoteActivity(Clock::time_point now) {
    score_ = now - quiet_since_ <= most_ ? std::min(score_ + 1, kHighest) : std::max(score_ - 2, 0);
    quiet_since_ = now;
  }
  Clock::time_point quiet_since() const { return quiet_since_; }

 private:
  static constexpr int kHighest = 8;

  std::chrono::nanoseconds most_;
  bool one_processor_;
  int score_ = kHighest / 2;
  Clock::time_point quiet_since_;
};

class RingPoller : public std::enable_shared_from_this<RingPoller> {
 public:
  // The one of this executor; channels on equal executors share it.
  static std::shared_ptr<RingPoller> Of(const boost::asio::any_io_executor& executor);

  explicit RingPoller(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // All on the executor. `polled` is busy until it falls asleep or is removed. Adding twice is
  // adding once. `budget` outlives it.
  void Add(Polled& polled, SpinBudget& budget);
  void Remove(Polled& polled);

  // Something has come for it by another way than Poll.
  void NoteActivity(Polled& polled);

 private:
  struct Busy {
    Polled* polled;  // null once removed
    SpinBudget* budget;
    bool was_active;
    int yields;
  };

  void Post();
  void Run();
  int LooksPerTurn() const;
  bool PollAll();
  void LetQuietOnesSleep();
  void Compact();

  const boost::asio::any_io_executor executor_;
  std::vector<Busy> busy_;
  bool posted_ = false;
  bool running_ = false;
};

}  // namespace baton::internal
