// Must(Result<T>): the value, or the end of the test (of the peer, in a peer) with the reason.
//
//   Shmem shmem = Must(actor->AllocShmem(4096));
#pragma once

#include <utility>

#include <baton/base/result.h>
#include "tests/support/failure.h"

namespace baton::testing {

template <class T>
T Must(Result<T> result, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!result.has_value()) FailHere(file, line, "must succeed: " + result.error().message());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace baton::testing
