#include "tools/memtrack/top/run_top.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/memtrack/top/draw.h"
#include "tools/memtrack/top/keys.h"
#include "tools/memtrack/top/signals.h"
#include "tools/memtrack/top/terminal_window.h"

namespace memtrack::top {
namespace {

using baton::Result;
using Clock = std::chrono::steady_clock;

class Loop {
 public:
  Loop(Feed& feed, std::chrono::nanoseconds interval, Signals& signals, TerminalWindow& window)
      : feed_(feed), interval_(interval), signals_(signals), window_(window) {}

  Result<void> Run() {
    next_ = Clock::now() + interval_;
    while (!state_.wants_end) {
      window_.Show(Draw(state_, feed_.data(), window_.canvas()));
      Wait();
      if (!state_.wants_end && !state_.is_paused && Clock::now() >= next_) {
        BATON_CHECKED(feed_.Advance());
        // However long that took: half of the time is for others.
        next_ = std::max(next_ + interval_, Clock::now() + interval_ / 2);
      }
    }
    return {};
  }

 private:
  // For a key, a signal, or the time of the next sample.
  void Wait() {
    std::array<pollfd, 2> files = {pollfd{STDIN_FILENO, POLLIN, 0},
                                   pollfd{signals_.descriptor(), POLLIN, 0}};
    (void)::poll(files.data(), files.size(), MillisecondsLeft());
    if (files[1].revents != 0) {
      const Signals::Arrived arrived = signals_.Read();
      state_.wants_end |= arrived.wants_end;
      if (arrived.has_resized) window_.Resize();
    }
    TakeKeys();
    const bool is_terminal_gone = (files[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    state_.wants_end |= is_terminal_gone;
  }

  int MillisecondsLeft() const {
    if (state_.is_paused) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now()).count();
    constexpr std::int64_t kMost = 1'000'000;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, kMost));
  }

  void TakeKeys() {
    while (!state_.wants_end) {
      const TerminalWindow::Input input = window_.NextKey();
      if (input.is_empty) return;
      if (!input.key) continue;
      state_ = After(std::move(state_), *input.key, feed_.data(), window_.canvas());
      feed_.Step(std::exchange(state_.wants_step, 0));
    }
  }

  Feed& feed_;
  std::chrono::nanoseconds interval_;
  Signals& signals_;
  TerminalWindow& window_;
  State state_;
  Clock::time_point next_;
};

}  // namespace

Result<void> RunTop(Feed& feed, std::chrono::nanoseconds interval) {
  BATON_TRY(Signals signals, Signals::Take());
  BATON_TRY(TerminalWindow window, TerminalWindow::Open());
  BATON_CHECKED(feed.Advance());
  return Loop(feed, interval, signals, window).Run();
}

}  // namespace memtrack::top
