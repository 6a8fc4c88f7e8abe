#include <memory>
#include <utility>

#include <baton/platform/file_limit.h>

#include "tools/memtrack/cli/live_source.h"
#include "tools/memtrack/scan/scanner.h"

namespace memtrack {
baton::Result<LiveSource> OpenLiveSource(const LiveOptions& options) {
  // A repeated scan keeps open what it reads, as far as there is room.
  if (options.is_repeated) (void)baton::platform::RaiseFileLimit();
  ScanOptions scan;
  scan.is_incremental = options.is_repeated;
  scan.full_every = options.full_every;
  scan.looks_into_sockets = options.sockets != Sockets::kNone;
  scan.looks_into_sockets_of_others = options.sockets == Sockets::kAll;
  BATON_TRY(Scanner scanner, Scanner::Create(std::move(scan)));
  const auto shared = std::make_shared<Scanner>(std::move(scanner));  // functions can be copied
  return LiveSource([shared] { return shared->Scan(); });
}

}  // namespace memtrack
