#include "tools/memtrack/cli/live_source.h"

namespace memtrack {

baton::Result<LiveSource> OpenLiveSource(const LiveOptions&) {
  return baton::Fail(std::make_error_code(std::errc::function_not_supported));
}

}  // namespace memtrack
