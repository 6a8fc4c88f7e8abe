// What there is to show at one moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/verdict.h"
#include "tools/memtrack/top/history.h"

namespace memtrack::top {

// All of it belongs to the feed, until that is told to go on.
struct Data {
  const Model& model;
  const TagHistory& history;
  const std::vector<Verdict>& verdicts;
  bool is_judged = false;          // there were enough samples for verdicts
  std::int64_t ghosts_change = 0;  // bytes, since the first sample
  std::string position;            // "snapshot 3 of 14"; empty: this machine, now
};

}  // namespace memtrack::top
