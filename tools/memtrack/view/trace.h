// Memory over time for a viewer of traces (ui.perfetto.dev, chrome://tracing): counters for each
// tag and each process, an instant for each verdict.
//
// The array form of the trace event format, one event a line, which need not be closed: what was
// written is good when the rest never comes.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

class TraceText {
 public:
  // What to append to the file for one model, and for what was found in it.
  std::string EventsOf(const Model& model, const std::vector<Verdict>& verdicts);

 private:
  std::string Counters(const Model& model);
  double TimeOf(const Model& model);  // microseconds

  // taken_at and clock of the first model.
  std::optional<std::pair<std::int64_t, std::int64_t>> begin_;
  std::set<ProcessKey> named_;
  std::set<std::string> tags_;  // those that are gone have to fall to 0
  std::vector<Verdict> told_;
};

}  // namespace memtrack
