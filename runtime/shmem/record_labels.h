// What this process and others are told about shared memory, beside its name: a note for the fault
// reporter here, and attributes on the object itself for whoever looks at the machine
// (docs/memtrack-attributes.md).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <baton/platform/shared_memory.h>
#include <baton/shmem.h>

#include "runtime/shmem/frozen_record.h"
#include "runtime/shmem/shmem_record.h"

namespace baton::internal {

// Lets the fault reporter know it, until it ends.
void NoteRecord(ShmemRecord& record, std::string_view protocol);

// The same of frozen memory that is going to be a record's.
MemoryNote NoteFrozen(const ShmemId& id, std::span<const std::byte> mapped, std::uint64_t size,
                      std::string_view protocol);

// Best effort, as all labels. Some microseconds, so only where an object is made.
void LabelMemory(const platform::SharedMemory& memory, ShmemKind kind, std::string_view protocol,
                 const ShmemId& id);
void LabelRing(const platform::SharedMemory& memory, std::string_view protocol);

}  // namespace baton::internal
