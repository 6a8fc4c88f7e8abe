// What a program that spins must know about the processor.
#pragma once

namespace baton::platform {

// Processors of this machine that run at this moment, at least 1.
int OnlineProcessors();

// Tells the processor that this is a loop that waits for memory to change.
void Relax();

}  // namespace baton::platform
