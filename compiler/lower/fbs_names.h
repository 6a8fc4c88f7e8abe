// Names of fields, types and enumerators as flatc accepts them. A name that flatc would read as
// something else gets an underscore behind it, which no name of an .idl has. Only names change by
// this: what is on the wire goes by ids.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace batonc {

std::string FbsName(std::string_view name);

// "a.b" for {"a", "b"}.
std::string FbsNamespace(const std::vector<std::string>& path);

// True if flatc refuses a field `name` because of what it generates for a neighbour:
// "pixels_length" beside the vector "pixels". `types` are all fields of the table, by name.
bool ClashesWithNeighbour(std::string_view name,
                          const std::map<std::string, std::string, std::less<>>& types);

}  // namespace batonc
