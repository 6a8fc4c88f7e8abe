// Words on a kernel object, for whoever looks at the machine: memtrack, `getfattr`.
#pragma once

#include <string_view>

#include <baton/platform/handle.h>

namespace baton::platform {

// Whatever is done with the object, they stay until it is gone; whoever has it for writing can
// change them, so they are claims. On Linux: the extended attribute `user.baton.KEY` of the inode,
// which the kernel knows for memory since 6.6.
//
// False where that cannot be done, for whatever reason: it is never a reason to fail. `key` has at
// most 32 bytes; of `value` the first 200 count. One system call.
bool LabelObject(const Handle& object, std::string_view key, std::string_view value);

}  // namespace baton::platform
