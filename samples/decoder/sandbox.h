// The cage around the decoder: after EnterSandbox this process can use what it holds, and nothing
// else. It can read, write and map its open files, wait, and end; it can no longer open a file,
// make a socket, start a process or a thread, signal others or make memory executable. Trying ends
// it at once with SIGSYS.
#pragma once

#include <baton/base/result.h>

namespace samples {

// For the whole process, all its threads, and for good. Call it when everything that must be opened
// is open: io_contexts, channels. Standard input, output and error are /dev/null from then on, so
// that nobody in here can talk to a terminal (sanitizers keep standard error for their reports).
// Errors: the system's; the process should then end, with its streams as they were.
//
// The list of what stays allowed is for glibc on x86-64 and arm64. It lets through one thing more
// than it should: the size and dates of files can be asked for by name, because glibc asks for
// those of open files by the same system call and a filter cannot read names.
baton::Result<void> EnterSandbox();

}  // namespace samples
