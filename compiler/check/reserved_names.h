// Names that a user may not give, because C++ or generated code needs them.
//
// Kept free for generated code: names that end in `_` (its local names and constants), names with
// `__` in them, names that begin with `_` and a capital (both C++'s own). So whatever a generator
// makes up can avoid every user's name by ending in `_`.
#pragma once

#include <string_view>

namespace batonc {

// Keywords and alternative operators of C++20, and macros of the standard headers.
bool IsCppWord(std::string_view name);

// Namespaces that generated code names and that a declaration would hide.
bool IsForeignNamespace(std::string_view name);

// What is wrong with the shape of the name, to follow "`name` "; empty when nothing is.
std::string_view ReservedShape(std::string_view name);

}  // namespace batonc
