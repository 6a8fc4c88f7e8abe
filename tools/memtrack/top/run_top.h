// The screen from its beginning to its end.
#pragma once

#include <chrono>

#include <baton/base/result.h>

#include "tools/memtrack/top/feed.h"

namespace memtrack::top {

// Shows what `feed` has, a sample each `interval`, until the user or a signal ends it. The terminal
// is then as it was. Blocks; one at a time.
//
// Errors: those of the feed; std::errc::inappropriate_io_control_operation without a terminal,
// std::errc::not_supported with one of an unknown kind.
baton::Result<void> RunTop(Feed& feed, std::chrono::nanoseconds interval);

}  // namespace memtrack::top
