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

#include "runtime/channel/way_of_waiting.h"

namespace baton::internal {

using Clock = std::chrono::steady_clock;

// One channel, as the poller sees it.
class Polled {
 public:
  enum class Found { kNothing, kMessages, kBusy };

  // Dispatches what is there, up to a fair share. Busy: there is more, or something was sent
  // meanwhile.
  virtual Found Poll() = 0;

  // Nothing has come for as long as it may take: asks for doorbells from now on. False when
  // something came meanwhile.
  virtual bool FallAsleep() = 0;

 protected:
  ~Polled() = default;
};

// How to wait for the next message of a quiet channel: looking all the time, then looking each time
// that another thread had the processor (yielding), then asleep. Each pays only when the message
// comes in time for it, so what has not paid lately is left out.
class SpinBudget {
 public:
  // What found the message.
  enum class Found { kSpinning, kYielding, kAsleep };

  // `most`: how long to spin; zero: neither spin nor yield. On one processor nobody can send while
  // we spin.
  SpinBudget(std::chrono::nanoseconds most, bool one_processor)
      : most_(most), one_processor_(one_processor), quiet_since_(Clock::now()) {}

  std::chrono::nanoseconds to_spin() const {
    return spin_.is_used() && !one_processor_ ? most_ : std::chrono::nanoseconds(0);
  }
  bool yields() const { return most_.count() > 0 && yield_.is_used(); }

  void NoteMessage(Clock::time_point now, Found found) {
    const std::chrono::nanoseconds gap = now - quiet_since_;
    quiet_since_ = now;
    switch (found) {
      case Found::kSpinning: return spin_.Paid();
      case Found::kYielding: {
        // Others may have had the processor for longer than it takes to be woken.
        const bool was_soon = gap <= most_ + to_spin();
        if (to_spin().count() > 0) spin_.Failed();
        return was_soon ? yield_.Paid() : yield_.Failed();
      }
      case Found::kAsleep:
        for (WayOfWaiting* const way : {&spin_, &yield_}) {
          gap <= most_ ? way->WouldHavePaid() : way->Failed();
        }
    }
  }
  Clock::time_point quiet_since() const { return quiet_since_; }

  // Somebody waits from now on, whenever the last message came.
  void BeginWaiting(Clock::time_point now) { quiet_since_ = now; }

 private:
  std::chrono::nanoseconds most_;
  bool one_processor_;
  WayOfWaiting spin_;
  WayOfWaiting yield_;
  Clock::time_point quiet_since_;
};

class RingPoller : public std::enable_shared_from_this<RingPoller> {
 public:
  // The one of this executor; channels on equal executors share it.
  static std::shared_ptr<RingPoller> Of(const boost::asio::any_io_executor& executor);

  explicit RingPoller(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // All on the executor. `polled` is busy until it falls asleep or is removed. Adding it again says
  // that something has come for it by another way than Poll. `budget` outlives it.
  void Add(Polled& polled, SpinBudget& budget);
  void Remove(Polled& polled);

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
  Polled::Found PollAll();
  void LetQuietOnesSleep();
  bool IsBusy() const;
  void Compact();

  const boost::asio::any_io_executor executor_;
  std::vector<Busy> busy_;
  bool posted_ = false;
  int depth_ = 0;  // of Run on the stack: a handler may run the io_context
};

}  // namespace baton::internal
