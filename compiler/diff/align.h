// Which entry of an old list became which of a new one, where the place in the list is its number
// on the wire.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace batonc {

// Indices into the two lists.
struct Alignment {
  using Pair = std::pair<std::size_t, std::size_t>;  // old, new

  std::vector<Pair> kept;             // of one name, or of two at the same place: renamed
  std::vector<Pair> moved;            // of `kept`: changed places with others
  std::vector<std::size_t> gone;      // old
  std::vector<std::size_t> inserted;  // new, before something that was there
  std::vector<std::size_t> appended;  // new, behind all that was there
};

// Names differ within each list.
Alignment Align(const std::vector<std::string>& older, const std::vector<std::string>& newer);

}  // namespace batonc
