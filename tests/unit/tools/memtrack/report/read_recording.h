// A recording from its text.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/record/recording_reader.h"

namespace memtrack::testing {

// All of it, or the first error.
inline baton::Result<std::vector<Snapshot>> ReadText(const std::string& text) {
  BATON_TRY(auto reader, RecordingReader::From(std::make_unique<std::istringstream>(text)));
  std::vector<Snapshot> snapshots;
  for (;;) {
    BATON_TRY(auto snapshot, reader.Next());
    if (!snapshot) return snapshots;
    snapshots.push_back(*std::move(snapshot));
  }
}

}  // namespace memtrack::testing
