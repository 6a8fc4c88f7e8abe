// What a process holds at one moment, and whether that has grown. Sources: /proc/self (proc(5)) and
// the allocator.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "soak.h"

namespace soak {

struct Holdings {
  std::set<std::string> descriptors;  // "7 -> socket:[1234]"
  std::set<std::string> segments;     // memfd and shm, open or mapped: "/memfd:baton, inode 77"
  std::uint64_t shared_mappings = 0;  // of such segments
  std::uint64_t mappings = 0;         // all
  std::uint64_t children = 0;         // processes, zombies as well
  std::uint64_t heap_bytes = 0;       // in use; 0 where a sanitizer has the heap
  std::uint64_t resident_bytes = 0;   // private ones, after what is free was given back

  static Holdings Now();
};

Burden BurdenOf(const Holdings& holdings);

// One line with the numbers of both, for people.
std::string DescribeBoth(const Holdings& first, const Holdings& last);

// By how much each may grow. Descriptors, segments and processes not at all.
struct Allowance {
  std::uint64_t mappings = 0;
  std::uint64_t heap_bytes = 0;
  std::uint64_t resident_bytes = 0;
};

// What `now` has more than `first` and may not have, with both numbers; empty when it is flat.
// Less is never too much.
std::string DescribeGrowth(const Holdings& first, const Holdings& now, const Allowance& allowance);
std::string DescribeGrowth(const Burden& first, const Burden& now, const Allowance& allowance);

}  // namespace soak
