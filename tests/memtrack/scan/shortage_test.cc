// Each system call of a scan fails once, with each of its errors: the scan says so or sees less,
// and never crashes or leaks. Only in builds with fault injection.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <optional>
#include <system_error>

#include "tests/fault/sweep_errors.h"
#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"

using namespace memtrack;
using namespace memtrack_test;

namespace {

// A scan of this process. The text of maps: one call each for some mappings, instead of one for
// each of them.
baton::Result<Snapshot> ScanOfOurselves() {
  ScanOptions options;
  options.processes = {::getpid()};
  options.includes_self = true;
  options.prefers_text_maps = true;
  options.threads = 1;
  BATON_TRY(Scanner scanner, Scanner::Create(options));
  return scanner.Scan();
}

bool IsWhole(const Snapshot& snapshot) {
  const Segment* const segment = Find(snapshot, "baton:swept");
  return segment != nullptr && segment->size && segment->seals &&
         Of(snapshot.descriptors, segment->key).size() == 1 &&
         Of(snapshot.mappings, segment->key).size() == 1 && !snapshot.coverage.is_partial();
}

}  // namespace

TEST_CASE("memtrack: every system call of a scan may fail") {
  const Handle memfd = MakeMemfd("baton:swept");
  void* const mapped = MapPages(memfd);
  std::optional<std::error_code> refused;
  int refusals = 0;
  baton::testing::SweepErrors(
      [&] {
        const auto scanned = ScanOfOurselves();
        refused = scanned ? std::nullopt : std::optional(scanned.error());
        return scanned && IsWhole(*scanned);
      },
      [&](const std::string&, int error, bool) {
        if (!refused) return;
        ++refusals;
        // Without a "self" it is /proc of another PID namespace; else the error is the one that
        // was.
        const bool is_elsewhere = *refused == std::errc::not_supported;
        CHECK((is_elsewhere ? error == ENOENT || error == ESRCH : refused->value() == error));
      });
  CHECK(refusals > 10);  // a shortage is not taken for something that is not there
  ::munmap(mapped, kPage);
}
