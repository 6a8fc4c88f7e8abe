// Hears of wrong addresses before the process dies of them.
#pragma once

#include <cstdint>
#include <string_view>

#include <baton/base/result.h>

namespace baton::platform {

// Runs inside of a signal handler, on the thread that has touched `address`, on several threads at
// once: code that is safe there alone (signal-safety(7)), so no locks and no allocation.
using FaultObserver = void (*)(std::uintptr_t address);

// From here on `observer` is called for each SIGSEGV and SIGBUS that an address has caused, and
// then happens what would have happened without it: the handler that was there before is called, or
// the process dies by that signal, at the instruction which has caused it. A signal that somebody
// has sent is passed on unseen.
//
// Once per process: later calls do nothing, as whoever has come after us may call our handler.
// Gives the calling thread an alternate stack if it has none. Any thread. Errors: the system's.
Result<void> ObserveFaults(FaultObserver observer);

// One write to standard error; safe in a signal handler. What cannot be written is lost.
void SayFromHandler(std::string_view line);

}  // namespace baton::platform
