// "Did you mean": the nearest of some names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batonc {

// How many characters must be inserted, dropped, replaced or swapped with their neighbour to get
// from `a` to `b`; `limit` + 1 when it is more than `limit`.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit);

// The one candidate that `name` almost surely meant: at most a third of it is wrong, and no other
// candidate is as near. Names that differ only in case count as near.
std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& candidates);

}  // namespace batonc
