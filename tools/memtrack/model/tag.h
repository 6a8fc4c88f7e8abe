// What a piece of memory counts as, so that pieces of one origin are added up.
#pragma once

#include <optional>
#include <string>

#include "tools/memtrack/model/attributes.h"

namespace memtrack {

// Of Baton's memory the protocol; with " ring" behind it for rings, whose number follows that of
// channels and not of messages. Of all other the name without what numbers it:
//
//   wl_shm-1234-7          wl_shm                  a part with a digit ends the tag,
//   /dev/shm/pool_0012     /dev/shm/pool           whatever separates it (-_.:#/)
//   buffer12               buffer                  digits at the end of a single part go
//   (no name)              (memfd), (sysv), (anonymous), ...
std::string TagOf(const Segment& segment, const std::optional<BatonFacts>& facts);

// "memfd", "posix", "sysv", "anonymous", "dmabuf", "hugetlb".
const char* WordOf(SegmentKind kind);

}  // namespace memtrack
