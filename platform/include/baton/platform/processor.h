// What a program that spins must know about the processor.
#pragma once

namespace baton::platform {

// Processors that this thread may run on at this moment, at least 1.
int UsableProcessors();

// Tells the processor that this is a loop that waits for memory to change.
void Relax();

}  // namespace baton::platform
