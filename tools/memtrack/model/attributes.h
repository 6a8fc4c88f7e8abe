// What Baton says about its own memory: the name of the memfd, and attributes on its inode, as
// docs/memtrack-attributes.md has them.
//
//   name        baton:PROTOCOL:ID, or baton:PROTOCOL:ring
//   protocol    of the actor that made it
//   kind        "ring" for a ring of messages, else "shmem" or "unsafe"
//   creator     the number of the process that made it, in its own namespace of processes
//
// All of it is a hint: any process can name its memory like that. Who owns it is not among it, the
// page tables say that.
#pragma once

#include <optional>
#include <string>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct BatonFacts {
  std::string protocol;
  bool is_ring = false;
  std::optional<int> creator;  // Course::CreatorOf says which process that is, if it still lives
};

// Nothing for memory that is not Baton's.
std::optional<BatonFacts> BatonFactsOf(const Segment& segment);

}  // namespace memtrack
