// Mistakes on purpose. A check that has never failed has not been tried.
#pragma once

#include "bench/soak/options.h"
#include "bench/soak/soak_parent.h"

namespace soak {

// One of that sort, at a quiet point; `pid` is the process at the other end of `actor`.
void MakeMistake(Plant plant, SoakParent& actor, int pid);

}  // namespace soak
