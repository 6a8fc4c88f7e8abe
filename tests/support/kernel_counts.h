// What the kernel counts: page faults, open files, and the memory of Baton's that a process maps,
// whichever way it was made (BATON_MEMORY). Sources: getrusage(2), proc(5).
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/failure.h"

namespace baton::testing {

// Page faults of this thread, ever, that did not go to a disk.
inline std::uint64_t PageFaults() {
  rusage usage = {};
  if (::getrusage(RUSAGE_THREAD, &usage) != 0) FailHere(__FILE__, __LINE__, "no page faults");
  return static_cast<std::uint64_t>(usage.ru_minflt);
}

// The same of all threads of another process: the tenth field of its stat. The name before it may
// have no spaces.
inline std::uint64_t PageFaultsOf(int process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string field;
  for (int i = 0; i < 10; ++i) stat >> field;
  if (!stat) FailHere(__FILE__, __LINE__, "no page faults of " + std::to_string(process));
  return std::stoull(field);
}

// The fewest page faults of `rounds` rounds in a row, as `faults()` counts them. A fault of
// something else may fall into them, but not again and again.
template <class Round, class Faults>
std::uint64_t FewestFaults(int rounds, Round round, Faults faults) {
  constexpr int kSeries = 5;
  std::uint64_t fewest = ~std::uint64_t{0};
  for (int series = 0; series < kSeries && fewest > 0; ++series) {
    const std::uint64_t before = faults();
    for (int count = 0; count < rounds; ++count) round();
    fewest = std::min(fewest, faults() - before);
  }
  return fewest;
}

inline std::size_t OpenFiles(int process) {
  const auto folder =
      std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

// A line of /proc/PID/maps that shows memory of Baton's.
struct SharedArea {
  std::string range;
  std::string inode;

  auto operator<=>(const SharedArea&) const = default;
};

// Where a process maps memory of Baton's: addresses and objects, not who may touch them.
inline std::set<SharedArea> SharedAreas(int process) {
  std::set<SharedArea> found;
  std::ifstream areas("/proc/" + std::to_string(process) + "/maps");
  for (std::string line; std::getline(areas, line);) {
    std::istringstream words(line);
    std::string range, access, offset, device, inode, name;
    words >> range >> access >> offset >> device >> inode >> name;
    const bool is_ours = name.starts_with("/memfd:baton") || name.starts_with("/dev/shm/baton");
    const bool is_registry = name.starts_with("/memfd:baton-registry");  // kept, once made
    if (is_ours && !is_registry) found.insert({range, inode});
  }
  return found;
}

// Its objects alone.
inline std::set<std::string> SharedObjects(int process) {
  std::set<std::string> objects;
  for (const SharedArea& area : SharedAreas(process)) objects.insert(area.inode);
  return objects;
}

}  // namespace baton::testing
