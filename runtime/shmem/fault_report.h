// The line that a process says about shared memory of ours before it dies of touching it.
//
//   baton: touched Shmem 4f12ab0c77d1e900 of PDecoder, handed over by SendDecode, transfer 41
//   (address 0x7f5e4c00000c, 12 bytes in)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/shmem/memory_note.h"

namespace baton::internal {

// Writes it into `line`, with a newline at its end, cut where there is no more room; returns what
// was written. Safe in a signal handler. `address` lies in the memory's reach.
std::string_view DescribeFault(const NotedMemory& memory, std::uintptr_t address,
                               std::span<char> line);

}  // namespace baton::internal
