// Bytes that nobody can change any more, in memory that can be handed to another process.
//
// The writer fills it and freezes it; the kernel agrees to that only when no writable mapping is
// left anywhere. Whoever receives it asks the kernel, and then may read it in place.
// On Linux: a memfd sealed against writing, shrinking and growing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/memory_backend.h>
#include <baton/platform/shared_memory.h>

namespace baton::platform {

// A new frozen copy of `bytes` (at least one). `name` shows in the system's lists. Errors: the
// system's for shortage (no memory, too many files); device_or_resource_busy where the kernel has
// had a page of it in hand for half a second. Without seals: a handle for reading only.
Result<Handle> CreateFrozenMemory(std::string_view name, std::span<const std::byte> bytes);
Result<Handle> CreateFrozenMemoryOf(MemoryBackend backend, std::string_view name,
                                    std::span<const std::byte> bytes);

// A read-only view, or a private copy, unmapped when this goes away.
class FrozenMapping {
 public:
  FrozenMapping() = default;
  FrozenMapping(FrozenMapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  FrozenMapping& operator=(FrozenMapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~FrozenMapping();

  // Takes a handle that came from a peer, and maps all of it. The handle is closed. Errors:
  // Rule::kHandleKind (no memory of this kind), kHandleSeals (not frozen), kHandleSize (not
  // `announced_size`, or empty); the system's for shortage. `unsealed`: whether it may be memory
  // that cannot be frozen; such is copied here and now, by the kernel, so that it does not matter
  // what its sender does with it meanwhile or later.
  static Result<FrozenMapping> Map(Handle handle, std::uint64_t announced_size,
                                   UnsealedMemory unsealed = UnsealedMemory::kAsWeMake);

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  friend class FrozenMemory;
  explicit FrozenMapping(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

// Who may have pages of some memory in hand. What nobody else has had, the kernel itself may, for a
// moment: then it is asked to seal it three times. With others' it could be made to wait so long.
enum class HadBy { kAnybody, kUsAlone };

// One frozen object: always memory that can be sealed, whatever else this process makes. Move-only
// owner of its handle, which may be sent to anybody.
class FrozenMemory {
 public:
  // As CreateFrozenMemory.
  static Result<FrozenMemory> Create(std::string_view name, std::span<const std::byte> bytes);

  // Takes over a handle that came from a peer, and asks the kernel what it is. Nothing is mapped
  // yet: a quota can be looked at in between. Errors: the rules of FrozenMapping::Map, and the
  // system's; the handle is closed then.
  static Result<FrozenMemory> Adopt(Handle handle, std::uint64_t announced_size);

  // Freezes `memory`, of which `mapping` is this process's, and accessible. The pages are unmapped
  // for it, so no other thread may touch them meanwhile; afterwards `mapping` is empty, and
  // `memory` has no handle. Errors, with both as before, at the same address:
  // device_or_resource_busy (somebody maps it writable, this or another process, revoked or not, or
  // has pages of it in a pipe or in the hands of a device: the kernel waits a sixth of a second for
  // those), operation_not_permitted (somebody has forbidden all further seals, or it is memory
  // without seals), the system's. Where the pages cannot be had back, `mapping` is empty.
  static Result<FrozenMemory> Freeze(SharedMemory& memory, Mapping& mapping,
                                     HadBy had_by = HadBy::kAnybody);

  // Maps the whole of it; pages come when they are touched. Errors: the system's for shortage.
  Result<FrozenMapping> Map() const;

  std::uint64_t size() const { return size_; }
  const Handle& handle() const { return handle_; }

 private:
  FrozenMemory(Handle handle, std::uint64_t size) : handle_(std::move(handle)), size_(size) {}

  Handle handle_;
  std::uint64_t size_;
};

}  // namespace baton::platform
