#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tools/memtrack/cli/live_source.h"
#include "tools/memtrack/scan/scanner.h"

namespace memtrack {
namespace {

// A scan that is repeated keeps open what it reads, as far as it may (Scanner). Where the limit
// stays as it is, more is opened anew each time.
void RaiseLimitOfDescriptors() {
  constexpr rlim_t kEnough = 65'536;
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kEnough));
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

baton::Result<LiveSource> OpenLiveSource(const LiveOptions& options) {
  if (options.is_repeated) RaiseLimitOfDescriptors();
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
