#include "runtime/shmem/record_labels.h"

#include <array>
#include <cstdio>
#include <string>

#include <baton/platform/object_label.h>
#include <baton/platform/own_process.h>

namespace baton::internal {
namespace {

using platform::LabelObject;

// What the kernel refuses for one of them it refuses for all.
void LabelAs(const platform::SharedMemory& memory, std::string_view kind,
             std::string_view protocol) {
  const platform::Handle& object = memory.handle();
  if (!LabelObject(object, "kind", kind)) return;
  LabelObject(object, "protocol", protocol);
  LabelObject(object, "creator", std::to_string(platform::ProcessId()));
}

}  // namespace

void NoteRecord(ShmemRecord& record, std::string_view protocol) {
  NotedMemory memory;
  memory.set_bytes(record.mapping().bytes());
  memory.set_reach(record.mapping().reach());
  memory.id_high = record.id().high;
  memory.kind = record.kind() == ShmemKind::kSafe ? NotedKind::kSafe : NotedKind::kUnsafe;
  memory.set_protocol(protocol);
  record.note() = MemoryNote(memory);
}

MemoryNote NoteFrozen(const ShmemId& id, std::span<const std::byte> mapped, std::uint64_t size,
                      std::string_view protocol) {
  NotedMemory memory;
  memory.set_bytes(mapped.first(size));
  memory.set_reach(mapped);
  memory.id_high = id.high;
  memory.kind = NotedKind::kFrozen;
  memory.access = NotedAccess::kReadOnly;
  memory.set_protocol(protocol);
  return MemoryNote(memory);
}

void LabelMemory(const platform::SharedMemory& memory, ShmemKind kind, std::string_view protocol,
                 const ShmemId& id) {
  std::array<char, 33> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx",
                static_cast<unsigned long long>(id.high), static_cast<unsigned long long>(id.low));
  if (!LabelObject(memory.handle(), "id", digits.data())) return;
  LabelAs(memory, kind == ShmemKind::kSafe ? "shmem" : "unsafe", protocol);
}

void LabelRing(const platform::SharedMemory& memory, std::string_view protocol) {
  LabelAs(memory, "ring", protocol);
}

}  // namespace baton::internal
