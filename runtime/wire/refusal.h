// Where a value lies that was refused, for people: "size.width", "damage[3].x". Written from the
// inside outwards, while whoever refused it returns; nothing of it costs anything before.
//
// The number in brackets is that of an element, or of a map's entry, in their order from 0.
#pragma once

#include <cstddef>
#include <string>

namespace baton::wire {

// What was refused lies in the field `name`; null: in a box, which has none.
inline void Put(const char* name, std::string& path) {
  if (name == nullptr) return;
  const bool is_inside = !path.empty() && path.front() != '[';
  path.insert(0, is_inside ? std::string(name) + "." : name);
}

// What was refused is, or lies in, the element `n`.
inline void Put(std::size_t n, std::string& path) {
  const std::string element = "[" + std::to_string(n) + "]";
  const bool is_inside = !path.empty() && path.front() != '[';
  path.insert(0, is_inside ? element + "." : element);
}

}  // namespace baton::wire
