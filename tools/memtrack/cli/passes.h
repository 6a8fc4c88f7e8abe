// Snapshots, one after the other, from the machine or from a recording.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include <baton/base/result.h>

#include "tools/memtrack/cli/options.h"
#include "tools/memtrack/cli/series.h"
#include "tools/memtrack/cli/surroundings.h"
#include "tools/memtrack/record/recording_reader.h"

namespace memtrack {

class Passes {
 public:
  // `options` and `surroundings` have to outlive it. What is wrong has been said when there is no
  // value.
  static std::optional<Passes> Open(const SourceOptions& options, Surroundings& surroundings);

  // Nothing at the end. Waits for the time of the next pass. False: what is wrong has been said.
  bool Next(std::optional<Snapshot>& snapshot);

 private:
  Passes(const SourceOptions& options, Surroundings& surroundings)
      : options_(options), surroundings_(surroundings) {}
  baton::Result<std::optional<Snapshot>> NextLive();
  void Complain(std::error_code error, std::size_t line);

  const SourceOptions& options_;
  Surroundings& surroundings_;
  std::optional<RecordingReader> recording_;
  LiveSource live_;
  // Of live passes, by the clock that nobody sets.
  std::optional<std::int64_t> begin_;
  std::int64_t last_ = 0;
  std::int64_t last_scan_ = 0;  // how long it took
  bool has_any_ = false;
};

// All of them, as models; at least one. Nothing: what is wrong has been said.
std::optional<Series> ReadAll(const SourceOptions& options, Share share,
                              Surroundings& surroundings);

// The last one.
std::optional<Model> ReadLast(const SourceOptions& options, Share share,
                              Surroundings& surroundings);

}  // namespace memtrack
