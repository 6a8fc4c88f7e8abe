// Which seeds the tests of ownership run with: some, or the one that the environment names.
//
//   BATON_OWNERSHIP_SEED=17 process_tests "ownership: *"      that run again, and no other
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

namespace baton::testing {

inline bool IsSeedGiven() {
  return std::getenv("BATON_OWNERSHIP_SEED") != nullptr;
}

// 1 to `count`.
inline std::vector<unsigned> OwnershipSeeds(unsigned count) {
  if (IsSeedGiven()) {
    return {static_cast<unsigned>(std::stoul(std::getenv("BATON_OWNERSHIP_SEED")))};
  }
  std::vector<unsigned> seeds;
  for (unsigned seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

}  // namespace baton::testing
