// Names for the tables that only the schema has: around what FlatBuffers cannot nest, and for the
// entries of maps.
#pragma once

#include <string>
#include <unordered_set>

#include "compiler/check/model.h"

namespace batonc {

// What FlatBuffers cannot put into a vector as it is.
bool NeedsBoxAsElement(const Type& type);

// `type` as part of a name: "uint32_array_optional".
std::string FbsWord(const Model& model, const Type& type);

class FbsNames {
 public:
  void Reserve(const std::string& name_space, const std::string& name) {
    taken_.insert(name_space + "." + name);
  }

  // `name`, with an underscore behind it where somebody else is called so.
  std::string Take(const std::string& name_space, std::string name) {
    while (!taken_.insert(name_space + "." + name).second) name += "_";
    return name;
  }

 private:
  std::unordered_set<std::string> taken_;
};

}  // namespace batonc
