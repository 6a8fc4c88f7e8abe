// A client (10) and a server (20), pass by pass.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/unit/tools/memtrack/report/made_up.h"

namespace memtrack::testing {

inline constexpr std::uint64_t kMiB = 1 << 20;

// Tells what there is in one pass.
using Pass = std::function<void(MadeUp&, int pass)>;

// 12 passes at a distance of 5 seconds, unless told otherwise. `step`: from the seventh on the
// clock on the wall is that much later.
inline std::vector<Model> CourseOf(const Pass& pass, int passes = 12, double seconds = 5,
                                   std::int64_t step = 0) {
  std::vector<Model> models;
  for (int i = 0; i < passes; ++i) {
    MadeUp made_up(i * seconds);
    made_up.Runs(10, "client");
    made_up.Runs(20, "server");
    pass(made_up, i);
    if (i >= 6) made_up.SetsClock(step);
    models.push_back(made_up.model());
  }
  return models;
}

}  // namespace memtrack::testing
