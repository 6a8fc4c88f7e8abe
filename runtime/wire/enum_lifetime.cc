#include "runtime/wire/enum_lifetime.h"

#include <algorithm>
#include <cstddef>

namespace baton::wire {
namespace {

constexpr Lifetime kAlways;

Lifetime LifetimeOfEnumerator(const Enumeration& enumeration, std::int64_t value) {
  const auto found = std::ranges::lower_bound(enumeration.values, value);
  if (found == enumeration.values.end() || value == enumeration.default_value) return kAlways;
  return enumeration.lifetimes[static_cast<std::size_t>(found - enumeration.values.begin())];
}

// A bit exists while one of the enumerators does that have it.
Lifetime LifetimeOfBit(const Enumeration& enumeration, std::int64_t bit) {
  Lifetime lifetime = {~std::uint32_t{0}, 1};
  for (std::size_t n = 0; n < enumeration.values.size(); ++n) {
    if ((enumeration.values[n] & bit) == 0) continue;
    const bool is_default = enumeration.values[n] == enumeration.default_value;
    const Lifetime its = is_default ? kAlways : enumeration.lifetimes[n];
    lifetime.since = std::min(lifetime.since, its.since);
    const bool goes = lifetime.removed != 0 && its.removed != 0;
    lifetime.removed = goes ? std::max(lifetime.removed, its.removed) : 0;
  }
  return lifetime;
}

Lifetime LifetimeOfFlags(const Enumeration& enumeration, std::int64_t value) {
  Lifetime lifetime;
  for (auto rest = static_cast<std::uint64_t>(value); rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<std::int64_t>(rest & -rest);
    const Lifetime its = LifetimeOfBit(enumeration, bit);
    lifetime.since = std::max(lifetime.since, its.since);
    if (its.removed == 0) continue;
    const bool is_first = lifetime.removed == 0;
    lifetime.removed = is_first ? its.removed : std::min(lifetime.removed, its.removed);
  }
  return lifetime;
}

}  // namespace

Lifetime LifetimeInChanged(const Enumeration& enumeration, std::int64_t value) {
  if (enumeration.is_extensible) return kAlways;
  return enumeration.is_flags ? LifetimeOfFlags(enumeration, value)
                              : LifetimeOfEnumerator(enumeration, value);
}

}  // namespace baton::wire
