// What the page shows, as JSON: docs/memtrack-serve.md says what each member means. Bounded,
// whatever the machine has.
#pragma once

#include <cstdint>
#include <string>

#include "tools/memtrack/serve/history.h"
#include "tools/memtrack/serve/pass.h"

namespace memtrack {

inline constexpr std::size_t kMostChartTags = 8;        // and one for all others
inline constexpr std::size_t kMostShownTags = 100;      // rows of the table
inline constexpr std::size_t kMostShownSegments = 200;  // the largest ones
inline constexpr std::size_t kMostShownHolders = 16;    // of one segment
inline constexpr std::size_t kMostShownVerdicts = 50;

struct WatchState {
  std::uint64_t passes = 0;
  std::uint64_t failures = 0;  // passes that were none
  std::string failure;         // why the last one was none; empty: it was one
  double interval = 1;         // seconds
};

std::string PageData(const Pass& pass, const History& history, const WatchState& state);

}  // namespace memtrack
