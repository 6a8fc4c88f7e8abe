// For people: what is wrong with a value that IsWithin (bounds.h) has refused.
#pragma once

#include <string>

#include <baton/wire/table.h>

namespace baton::wire {

struct OutOfBounds {
  std::string path;   // of the first such value inside of the field: "[3]"; empty for the field
  std::string words;  // "70000 is over Max=16384"
};

// `value` is of `type`, and is not within `bounds`.
OutOfBounds FindOutOfBounds(const Bounds& bounds, const Type& type, const void* value);

}  // namespace baton::wire
