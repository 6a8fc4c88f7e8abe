// Tells which descriptors are duplicates of one open file (dup, fork, SCM_RIGHTS) and which were
// opened apart: kcmp(2), which orders the two without saying what they are.
#pragma once

#include <vector>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// Fills in DescriptorHold::open_file. `holds` are in any order. 0 stays where the kernel does not
// say. Asks only about segments that have several descriptors.
void NumberOpenFiles(std::vector<DescriptorHold>& holds);

}  // namespace memtrack
