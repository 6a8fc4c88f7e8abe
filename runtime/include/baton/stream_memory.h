// Filling and copying large memory past the processor's caches: for frames and files of many MiB
// that another process is to read.
//
//   baton::StreamFill(shmem.bytes(), std::byte{0});
//   baton::StreamCopy(shmem.bytes().first(frame.size()), frame);
#pragma once

#include <baton/platform/streaming_stores.h>

namespace baton {

using platform::StreamCopy;
using platform::StreamFill;

}  // namespace baton
