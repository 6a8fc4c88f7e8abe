// In which versions of its protocol a number is a value of an enum.
#pragma once

#include <cstdint>

#include <baton/wire/table.h>

namespace baton::wire {

// Of `value`, an enumerator, widened. Of flags: the versions in which each of its bits exists. An
// extensible enum takes what it does not know, so nothing of it is ever out of date; and the first
// enumerator stands for absent fields, so it never goes.
//
// Most enums have not changed: they cost a comparison.
Lifetime LifetimeInChanged(const Enumeration& enumeration, std::int64_t value);
inline Lifetime LifetimeOf(const Enumeration& enumeration, std::int64_t value) {
  return enumeration.lifetimes.empty() ? Lifetime() : LifetimeInChanged(enumeration, value);
}

}  // namespace baton::wire
