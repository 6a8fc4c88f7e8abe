// Where one process has mapped one segment. Baton keeps two ranges for a mapping, one directly
// behind the other, and moves the pages from the lower one, home, which the program sees, to the
// upper one, the vault, when it revokes. Both together are one place.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct Place {
  std::uint64_t bytes = 0;  // of the segment that it shows, at most: its length
  bool is_open = false;     // what home allows is what the program may do
  bool is_private = false;
};

// `mappings` of one segment in one process, by address. `is_batons`: others have no vaults.
std::vector<Place> PlacesOf(const std::vector<MappingHold>& mappings, bool is_batons);

}  // namespace memtrack
