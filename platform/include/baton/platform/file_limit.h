// How many files this process may have open.
#pragma once

#include <cstdint>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Each piece of shared memory that has crossed a channel costs an open file on either side, and
// most systems give a process 1,024 unless it asks for more. This asks for all that it may have
// (the hard limit), and returns how many that are.
//
// For the beginning of main. Not by itself: select() of the C library knows no more than 1,024, and
// programs that are started later inherit the limit. Errors: the system's.
Result<std::uint64_t> RaiseFileLimit();

// Whether a handle that has just come is one of the last that this process may have: of the last
// 16, or of the last quarter where there are few. Whoever closes such a one, and refuses what it
// was for, goes on receiving: handles for which there is no number are lost by the kernel, and with
// them the channel that brought them. One system call.
bool IsOneOfTheLastFiles(const Handle& received);

// The same of the last quarter: nobody piles up handles there. One system call.
bool IsOfTheLastQuarter(const Handle& received);

}  // namespace baton::platform
