// The one handler of SIGBUS that covers pages which are not there, and who comes after it.
#pragma once

#include <csignal>
#include <cstddef>

#include <baton/base/result.h>

namespace baton::platform {

// `cover` is called with the address of each fault for want of a page, by a handler of a signal: it
// may not lock, allocate, or throw. True: there is a page now. What it does not know, and every
// other SIGBUS, goes to whoever handled it before. Only the first call installs anything, for good.
// Errors: the system's.
Result<void> InstallSigbusHandler(bool (*cover)(const std::byte* address));

// For a handler of SIGBUS that has come later: whether `cover` has dealt with it, so that the
// instruction can be made again. In a handler.
bool CoversFault(const siginfo_t& info);

}  // namespace baton::platform
