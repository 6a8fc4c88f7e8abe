// A scanner that reads again only what has changed, and whether it can do so on this machine.
#pragma once

#include <vector>

#include "tests/memtrack/scan/looks.h"

namespace memtrack_test {

inline constexpr const char* kNotCounted = "descriptors are not counted here (Linux 6.2)";

inline memtrack::Scanner IncrementalScanner(std::vector<int> processes, int full_every) {
  memtrack::ScanOptions options;
  options.processes = std::move(processes);
  options.includes_self = true;
  options.is_incremental = true;
  options.full_every = full_every;
  return Must(memtrack::Scanner::Create(std::move(options)));
}

// Whether everything of `peer` is read each time: this kernel does not count descriptors, or does
// not let us look behind mappings. Then `peer` is let go of, as there is nothing to test.
inline bool CannotReuse(baton::testing::Peer& peer) {
  memtrack::Scanner scanner = IncrementalScanner({peer.pid()}, 10);
  Must(scanner.Scan());
  if (Must(scanner.Scan()).coverage.reused == 1) return false;
  peer.Kill();
  return true;
}

}  // namespace memtrack_test
