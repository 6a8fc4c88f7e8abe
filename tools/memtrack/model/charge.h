// Who pays for one segment, and how much.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/memtrack/model/model.h"

namespace memtrack {

struct Charge {
  std::size_t process = 0;  // index into Model::processes
  std::uint64_t bytes = 0;
};

// The charges of one segment, by process. They add up to its bytes, or there are none.
//
// Who has had Baton's memory taken away does not pay while somebody else holds it. A segment that
// nobody holds is paid by those in whose sockets it lies.
std::vector<Charge> ChargesOf(const SegmentUse& use, Share share);

}  // namespace memtrack
