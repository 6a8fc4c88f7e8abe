// How often channels of this process have ended for which reason.
#pragma once

#include <system_error>

namespace baton::internal {

// Counts one; `error` is empty for a close in good order. Any thread.
void CountClose(std::error_code error);

}  // namespace baton::internal
