// How a launched process learns which of its open descriptors are meant for it: they are 3, 4, ...
// and an environment variable says how many there are.
#pragma once

namespace baton::platform {

inline constexpr char kInheritedVariable[] = "BATON_INHERITED";
inline constexpr int kFirstInherited = 3;
inline constexpr int kMaxInherited = 253;

}  // namespace baton::platform
