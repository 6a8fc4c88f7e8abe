// Says which shared memory it was when this process dies of a wrong address, for development and
// for crash logs. Opt-in, once, early in main:
//
//   #include <baton/fault_reporter.h>
//   if (auto installed = baton::InstallFaultReporter(); !installed) ...
//
// One line on standard error, before whatever happens then:
//
//   baton: touched Shmem 4f12ab0c77d1e900 of PDecoder, handed over by SendDecode, transfer 41
//     (address 0x7f5e4c00000c, 12 bytes in)
//   baton: ran 3 bytes over the end of Shmem 4f12ab0c77d1e900 of PDecoder (address ..., 4098 bytes
//   in)
//
// The number is what /proc/PID/maps shows behind the protocol, too. docs/shmem.md, When it goes
// wrong.
#pragma once

#include <baton/base/result.h>

namespace baton {

// Handles SIGSEGV and SIGBUS from here on: says the line where shared memory of Baton's is
// concerned, and nothing where it is not; then calls the handler that was there before, or lets the
// process die by that signal, core file included. Nothing is survived that was not survived before.
//
// Memory is known that was made before as well. Handlers that come later come first, and have to
// call this one. It runs on the alternate stack of the thread that faults, where it has one; the
// calling thread is given one. A process that locks itself up calls this before. Later calls do
// nothing. Any thread. Errors: the system's.
Result<void> InstallFaultReporter();

}  // namespace baton
