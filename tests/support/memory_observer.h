// An independent observer of Baton's memory: memtrack's scan, which asks the kernel and knows
// nothing of the runtime's own counters, says who holds memfds called baton:*.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton::testing {

// What a process holds, by descriptor and by mapping, as far as it is called baton:*.
// "baton:name, inode 77: process 4711 (name), descriptor 5" -> how often.
using HeldMemory = std::map<std::string, int>;

// Of each of these processes that has not ended meanwhile, by its number. Fails the test, and goes
// on with nothing, when the scan itself fails: it is asked from destructors, too.
std::map<int, HeldMemory> BatonMemoryHeldBy(const std::vector<int>& processes);

}  // namespace baton::testing
