#include "tools/memtrack/cli/passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"

namespace memtrack {

using baton::Result;

std::optional<Passes> Passes::Open(const SourceOptions& options, Surroundings& surroundings) {
  Passes passes(options, surroundings);
  if (options.recording.empty()) {
    auto live = surroundings.open_live(
        {.sockets = options.sockets, .is_repeated = options.seconds > 0 || options.is_endless});
    if (!live) {
      passes.Complain(live.error(), 0);
      return std::nullopt;
    }
    passes.live_ = *std::move(live);
    return passes;
  }
  auto recording = RecordingReader::Open(options.recording);
  if (!recording) {
    passes.Complain(recording.error(), 0);
    return std::nullopt;
  }
  passes.recording_.emplace(*std::move(recording));
  return passes;
}

Result<std::optional<Snapshot>> Passes::NextLive() {
  if (begin_) {
    const double passed = static_cast<double>(Difference(last_, *begin_)) / 1e9;
    const bool is_over = options_.seconds > 0 || !options_.is_endless;
    // Half a pass of tolerance: a pass that comes a little early is still the last one.
    if (is_over && passed + options_.every / 2 >= options_.seconds)
      return std::optional<Snapshot>();
    const double rest = options_.every - static_cast<double>(last_scan_) / 1e9;
    if (!surroundings_.wait(std::max(rest, 0.0))) return std::optional<Snapshot>();
  }
  BATON_TRY(Snapshot snapshot, live_());
  last_ = snapshot.since_boot.value_or(snapshot.taken_at);
  if (!begin_) begin_ = last_;
  last_scan_ = snapshot.scan_nanos;
  return std::optional(std::move(snapshot));
}

bool Passes::Next(std::optional<Snapshot>& snapshot) {
  auto next = recording_ ? recording_->Next() : NextLive();
  const std::size_t line = recording_ ? recording_->line() : 0;
  if (!next) {
    Complain(next.error(), line);
    return false;
  }
  snapshot = *std::move(next);
  if (snapshot) has_any_ = true;
  if (has_any_) return true;
  Complain(RecordingErrc::kNothing, line);
  return false;
}

void Passes::Complain(std::error_code error, std::size_t line) {
  if (options_.recording.empty()) {
    surroundings_.err << fmt::format("memtrack: cannot look at this machine: {}\n",
                                     error.message());
    return;
  }
  const std::string place = line == 0 ? "" : fmt::format(", line {}", line);
  surroundings_.err << fmt::format("memtrack: cannot read `{}`{}: {}\n",
                                   Displayable(options_.recording), place, error.message());
}

std::optional<Series> ReadAll(const SourceOptions& options, Share share,
                              Surroundings& surroundings) {
  auto passes = Passes::Open(options, surroundings);
  if (!passes) return std::nullopt;
  Series series;
  std::optional<Snapshot> snapshot;
  while (passes->Next(snapshot)) {
    if (!snapshot) return series;
    series.Add(BuildModel(*std::move(snapshot), share));
  }
  return std::nullopt;
}

std::optional<Model> ReadLast(const SourceOptions& options, Share share,
                              Surroundings& surroundings) {
  auto passes = Passes::Open(options, surroundings);
  if (!passes) return std::nullopt;
  std::optional<Snapshot> snapshot;
  std::optional<Snapshot> last;
  while (passes->Next(snapshot)) {
    if (!snapshot) return BuildModel(*std::move(last), share);
    last = std::move(snapshot);
  }
  return std::nullopt;
}

}  // namespace memtrack
