// The scanner as memtrack's command line sees it. The only place that knows of it.
#pragma once

#include <baton/base/result.h>

#include "tools/memtrack/cli/surroundings.h"

namespace memtrack {

// Errors: those of Scanner::Create; std::errc::function_not_supported in a build without a scanner.
baton::Result<LiveSource> OpenLiveSource(const LiveOptions& options);

}  // namespace memtrack
