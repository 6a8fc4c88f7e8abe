// The same object behind another handle.
#pragma once

#include <fcntl.h>

#include <string>
#include <utility>
#include <vector>

#include <baton/platform/handle.h>
#include "tests/support/must.h"

namespace baton::testing {

// To be sent: one duplicate.
inline std::vector<platform::Handle> CopyOf(const platform::Handle& handle) {
  std::vector<platform::Handle> handles;
  handles.push_back(Must(handle.Duplicate()));
  return handles;
}

// Opened again, with these flags of open(2), as whoever may open files can (proc(5)). Empty where
// that is refused.
inline platform::Handle Reopened(platform::NativeHandle handle, int flags) {
  const std::string path = "/proc/self/fd/" + std::to_string(handle);
  return platform::Handle(::open(path.c_str(), flags | O_CLOEXEC));
}
inline platform::Handle Reopened(const platform::Handle& handle, int flags) {
  return Reopened(handle.get(), flags);
}

}  // namespace baton::testing
