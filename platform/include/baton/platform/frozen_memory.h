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

namespace baton::platform {

// A new frozen copy of `bytes` (at least one). `name` shows in the system's lists. Errors: the
// system's for shortage (no memory, too many files).
Result<Handle> CreateFrozenMemory(std::string_view name, std::span<const std::byte> bytes);

// A read-only view, unmapped when this goes away.
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
  // `announced_size`, or empty); the system's for shortage.
  static Result<FrozenMapping> Map(Handle handle, std::uint64_t announced_size);

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit FrozenMapping(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

}  // namespace baton::platform
