// Whether this process has the descriptor, whatever it is.
#pragma once

#include <fcntl.h>

#include <baton/platform/handle.h>

namespace baton::platform {

inline bool IsOpen(NativeHandle native) {
  return ::fcntl(native, F_GETFD) != -1;
}

}  // namespace baton::platform
