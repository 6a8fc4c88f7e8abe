// Where the two processes of a measurement run. This one is always on CPU 0.
#pragma once

#include <string>

#include <baton/platform/process.h>

namespace bench {

enum class Placement {
  kTwoCpus,  // the child on CPU 1; on CPU 0, too, where there is only one
  kOneCpu,   // both on CPU 0
};

// How to launch bench_child, which lies beside this program, in a role that bench_child.cc names.
baton::platform::LaunchOptions ChildThat(const std::string& role, Placement placement);

// The calling thread, and those that it starts later.
void PinToOurCpu();

}  // namespace bench
