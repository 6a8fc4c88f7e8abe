// A stream between two threads of one process: two bounded queues of bytes and handles. No system
// call but what an idle executor needs to be woken.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "runtime/channel/stream.h"

namespace baton::internal {

// What one direction holds at most: 64 KiB and 1024 handles.
inline constexpr std::size_t kInProcessBytes = std::size_t{64} << 10;
inline constexpr std::size_t kInProcessHandles = 1024;

// Both ends of a new stream. An end that is dropped, opened or not, closes it.
std::pair<std::shared_ptr<StreamSource>, std::shared_ptr<StreamSource>> CreateInProcessStream();

}  // namespace baton::internal
