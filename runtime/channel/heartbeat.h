// When to ask a peer whether it is still there, and when it counts as silent. Knows no clock, no
// timer and no channel: whoever has those looks when it is time to.
//
//      Begin           half of the tolerance      all of it
//        |---------+---------|---------+---------|
//               looks      PING               silent, if nothing has come at all
//
// Time that passed while nobody could look (this process was stopped, or its thread was busy) does
// not count: the peer may have answered long ago.
#pragma once

#include <chrono>
#include <cstdint>

namespace baton::internal {

struct Pings {
  std::uint64_t open = 0;  // ours without an answer, or 0
  std::uint64_t last = 0;
  std::uint64_t last_pong = 0;  // its sequence
};

class Heartbeat {
 public:
  using Clock = std::chrono::steady_clock;

  // How long the peer may be silent. 0 or less: for ever, nobody looks.
  explicit Heartbeat(std::chrono::milliseconds tolerance);

  bool is_on() const { return tolerance_.count() > 0; }
  bool is_watching() const { return is_watching_; }

  // Something is expected of the peer from `now` on. `heard`: how much has come from it ever, in
  // whatever unit. `soon`: most likely it happens at once, so the first look comes early.
  void Begin(Clock::time_point now, std::uint64_t heard, bool soon);
  void End() { is_watching_ = false; }

  // While watching: what is expected now is, or is not, `soon` any more. True: the next look comes
  // earlier than was said.
  bool Expect(Clock::time_point now, bool soon);

  // When to look next.
  Clock::time_point next_look() const { return next_look_; }

  enum class Finding { kNothing, kAsk, kSilent };

  // What to do at `now`. `has_asked`: a PING has not been answered yet.
  Finding Look(Clock::time_point now, std::uint64_t heard, bool has_asked);

  // For how long nothing has come.
  Clock::duration SilentFor(Clock::time_point now) const { return now - quiet_since_; }

 private:
  Clock::duration period() const { return tolerance_ / 4; }
  void LookAgain(Clock::time_point now);

  const Clock::duration tolerance_;
  bool is_watching_ = false;
  bool is_soon_ = false;
  Clock::time_point quiet_since_;
  Clock::time_point next_look_;
  Clock::duration wait_{};  // before the next look
  std::uint64_t heard_ = 0;
};

}  // namespace baton::internal
