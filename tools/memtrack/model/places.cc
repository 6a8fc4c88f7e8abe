#include "tools/memtrack/model/places.h"

#include "tools/memtrack/model/saturating.h"

namespace memtrack {
namespace {

// Never both open: the page tables are in one of them.
bool IsVaultOf(const MappingHold& home, const MappingHold& next) {
  return next.address == Sum(home.address, home.length) && next.length == home.length &&
         next.offset == home.offset && !next.is_private && !home.is_private &&
         !(next.is_readable && home.is_readable);
}

}  // namespace

std::vector<Place> PlacesOf(const std::vector<MappingHold>& mappings, bool is_batons) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const MappingHold& home = mappings[i];
    places.push_back(
        {.bytes = home.length, .is_open = home.is_readable, .is_private = home.is_private});
    const bool has_vault = is_batons && i + 1 < mappings.size() && IsVaultOf(home, mappings[i + 1]);
    if (has_vault) ++i;
  }
  return places;
}

}  // namespace memtrack
