#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/record/recording_reader.h"
#include "tools/memtrack/top/live_feed.h"
#include "tools/memtrack/top/replay_feed.h"
#include "tools/memtrack/top/run_top.h"

namespace memtrack {
namespace {

// Reading everything costs as much as a dozen other samples, and what it alone finds is rare
// (docs/decisions/0063): here it is done each three minutes.
int FullEvery(double seconds) {
  constexpr double kThreeMinutes = 180;
  return static_cast<int>(std::clamp(kThreeMinutes / seconds, 2.0, 100'000.0));
}

int Complain(const std::string& what, std::error_code error, Surroundings& surroundings) {
  surroundings.err << fmt::format("memtrack: {}: {}\n", what, error.message());
  return kExitUsage;
}

int Show(top::Feed& feed, const TopCommand& command, Surroundings& surroundings) {
  const std::chrono::duration<double> interval(command.source.every);
  const auto shown =
      top::RunTop(feed, std::chrono::duration_cast<std::chrono::nanoseconds>(interval));
  if (shown) return kExitClean;
  if (shown.error() == std::errc::inappropriate_io_control_operation) {
    return Complain("top needs a terminal; watch does without", shown.error(), surroundings);
  }
  if (shown.error() == std::errc::not_supported) {
    return Complain("the terminal is of an unknown kind ($TERM)", shown.error(), surroundings);
  }
  return Complain("cannot look at this machine", shown.error(), surroundings);
}

int Replay(const TopCommand& command, Surroundings& surroundings) {
  const std::string& file = command.source.recording;
  const std::string what = fmt::format("cannot read `{}`", Displayable(file));
  auto recording = RecordingReader::Open(file);
  if (!recording) return Complain(what, recording.error(), surroundings);
  auto feed = top::ReplayFeed::Read(*recording, command.view.share);
  if (feed) return Show(*feed, command, surroundings);
  const std::string place = fmt::format("{}, line {}", what, recording->line());
  return Complain(place, feed.error(), surroundings);
}

}  // namespace

int Run(const TopCommand& command, Surroundings& surroundings) {
  if (surroundings.width == 0) {
    surroundings.err << "memtrack: top needs a terminal; watch does without\n";
    return kExitUsage;
  }
  if (!command.source.recording.empty()) return Replay(command, surroundings);
  auto look = surroundings.open_live({.sockets = command.source.sockets,
                                      .is_repeated = true,
                                      .full_every = FullEvery(command.source.every)});
  if (!look) return Complain("cannot look at this machine", look.error(), surroundings);
  top::LiveFeed feed(*std::move(look), command.view.share);
  return Show(feed, command, surroundings);
}

}  // namespace memtrack
