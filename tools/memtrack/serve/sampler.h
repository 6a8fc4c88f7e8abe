// Looks at the machine, remembers how it went, and has it ready as texts.
#pragma once

#include <optional>

#include <baton/base/result.h>

#include "tools/memtrack/serve/history.h"
#include "tools/memtrack/serve/metrics.h"
#include "tools/memtrack/serve/page_data.h"
#include "tools/memtrack/serve/pass.h"
#include "tools/memtrack/serve/request.h"

namespace memtrack {

// One thread.
class Sampler {
 public:
  Sampler(Watch watch, double interval) : watch_(std::move(watch)) { state_.interval = interval; }

  // Once before anything else. An error (of the watch) changes what was seen as little as it can:
  // the last pass stays, and Data() says that it is an old one.
  baton::Result<void> Look();

  // Made when they are asked for, once for each pass.
  Text Data();
  Text MetricsText();

 private:
  Watch watch_;
  std::optional<Pass> pass_;
  History history_;
  Metrics metrics_;
  WatchState state_;
  Text data_;
  Text metrics_text_;
};

}  // namespace memtrack
