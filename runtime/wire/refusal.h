// Where a value lies that was refused, for people: "size.width", "damage[3].x". Written from the
// inside outwards, while whoever refused it returns; nothing of it costs anything before. What was
// seen may stand behind: "size.width: 70000 is over Max=16384", which begins as ": 70000 ...".
//
// The number in brackets is that of an element, or of a map's entry, in their order from 0.
#pragma once

#include <cstddef>
#include <string>

namespace baton::wire {

// Whether the path goes on by a field.
inline bool BeginsWithField(const std::string& path) {
  return !path.empty() && path.front() != '[' && path.front() != ':';
}

// What was refused lies in the field `name`; null: in a box, which has none.
inline void Put(const char* name, std::string& path) {
  if (name == nullptr) return;
  path.insert(0, BeginsWithField(path) ? std::string(name) + "." : name);
}

// What was refused is, or lies in, the element `n`.
inline void Put(std::size_t n, std::string& path) {
  path.insert(0, "[" + std::to_string(n) + (BeginsWithField(path) ? "]." : "]"));
}

}  // namespace baton::wire
