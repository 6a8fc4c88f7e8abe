// The system's side of reading a registry.
#pragma once

#include <cstddef>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/account/registry_format.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Four times what this version makes: nobody makes a reader large.
inline constexpr std::size_t kMostRegistryBytes = 4 * kRegistryBytes;

// All of it, read and not mapped. Errors: std::errc::bad_message when it is longer than that; the
// system's.
Result<std::vector<std::byte>> CopyOfRegistry(const Handle& file);

}  // namespace baton::platform
