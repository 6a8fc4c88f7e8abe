// The enums and structs that something is made of, each once and behind all that it is made of
// itself; so each can be declared in this order.
#pragma once

#include <set>
#include <variant>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

using NamedType = std::variant<EnumId, StructId>;

class Reach {
 public:
  explicit Reach(const Model& model) : model_(model) {}

  void Add(const Type& type);
  void Add(const std::vector<Field>& fields);
  void Add(const Message& message);
  void Add(NamedType type);

  // In order of first use, but what something is made of comes before it.
  const std::vector<NamedType>& types() const { return types_; }
  // Shmem or UnsafeShmem was met.
  bool has_memory() const { return has_memory_; }

 private:
  std::vector<NamedType> PartsOf(StructId id);

  const Model& model_;
  std::vector<NamedType> types_;
  std::set<NamedType> seen_;
  bool has_memory_ = false;
};

}  // namespace batonc
