// How many blocks of the heap are in use, to see that what a peer left behind goes away.
#pragma once

#include <optional>

namespace baton::testing {

// Made by operator new and not given back so far, by all threads. Empty under a sanitizer, whose
// own allocator counts: what leaks there fails the process at its end.
std::optional<long> LiveBlocks();

}  // namespace baton::testing
