// The system's side of a registry: pages that only this process can write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <baton/platform/handle.h>

namespace baton::platform {

struct RegistryPages {
  std::byte* begin = nullptr;  // kRegistryBytes of zeros, mapped for ever, not inherited by fork
  Handle object;               // through which others read them
};

// Nothing where that cannot be done, for whatever reason, or where it would take one of the last
// files. No failure of it is anybody's, so nobody can inject one.
std::optional<RegistryPages> MakeRegistryPages();

// Device and inode. Nothing: unknown.
std::optional<std::pair<std::uint64_t, std::uint64_t>> NumbersOf(const Handle& object);

// Nanoseconds of CLOCK_MONOTONIC, as of the last tick: without asking the hardware.
std::uint64_t CoarseMonotonicNanos();

}  // namespace baton::platform
