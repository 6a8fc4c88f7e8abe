// The same numbers for Prometheus: text format 0.0.4. What programs call their memory cannot make
// the number of series grow.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "tools/memtrack/serve/page_data.h"
#include "tools/memtrack/serve/pass.h"

namespace memtrack {

class Metrics {
 public:
  static constexpr std::size_t kMostTags = 32;      // at once; all others are `other`
  static constexpr std::size_t kMostNames = 256;    // ever: Prometheus keeps what has gone
  static constexpr std::size_t kMostLetters = 120;  // bytes of a name

  std::string TextOf(const Pass& pass, const WatchState& state);

 private:
  std::set<std::string> names_;  // that were ever told
};

}  // namespace memtrack
