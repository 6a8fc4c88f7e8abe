// How many files this process may have open, of which each piece of shared memory takes one.
#pragma once

#include <baton/platform/file_limit.h>

namespace baton {

using platform::RaiseFileLimit;

}  // namespace baton
