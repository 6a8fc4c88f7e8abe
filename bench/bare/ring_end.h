// One process's end of two rings, one per direction, in one piece of memory.
#pragma once

#include <baton/platform/handle.h>
#include <baton/platform/shared_memory.h>

#include "bench/bare/bare_ring.h"

namespace bench {

inline constexpr std::size_t kRingEndBytes = 2 * kRingBytes;

class RingEnd {
 public:
  enum class Which { kFirst, kSecond };

  // `memory` measures kRingEndBytes and is shared with the other end, which is the other `which`.
  RingEnd(baton::platform::SharedMemory memory, Waiting waiting, Bells bells, Which which);

  BareRingWriter& out() { return out_; }
  BareRingReader& in() { return in_; }

 private:
  baton::platform::SharedMemory memory_;
  baton::platform::Mapping mapping_;
  baton::platform::Handle epoll_;
  BareRingWriter out_;
  BareRingReader in_;
};

}  // namespace bench
