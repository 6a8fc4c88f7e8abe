// Anonymous files in memory, which can be sealed.
#pragma once

#include <string_view>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Empty, close-on-exec, never executable where the kernel knows that. The name is cut to 200 bytes.
Result<Handle> CreateMemfd(std::string_view name);

// The seals of a received object; Rule::kHandleKind when it knows none. Asked before anything else:
// the kernel answers it by itself, where fstat may ask a file system that the peer runs (FUSE).
Result<int> SealsOf(int fd);

}  // namespace baton::platform
