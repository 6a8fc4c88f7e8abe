// How far the versions of the protocols are that use a type.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "compiler/check/model.h"

namespace batonc {

// By id: the largest version of a protocol that sends the type, however deep. Types that no
// protocol sends are not in here.
struct ReachedVersions {
  std::unordered_map<EnumId, std::uint32_t> enums;
  std::unordered_map<StructId, std::uint32_t> structs;
  std::unordered_map<UnionId, std::uint32_t> unions;
};

ReachedVersions FindReachedVersions(const Model& model);

// Version 1 is what has none yet.
template <class Id>
std::uint32_t VersionOf(const std::unordered_map<Id, std::uint32_t>& versions, Id id) {
  const auto found = versions.find(id);
  return found == versions.end() ? 1 : found->second;
}

}  // namespace batonc
