#include "compiler/diff/reached_versions.h"

#include <algorithm>
#include <vector>

namespace batonc {
namespace {

// Starts at the largest version, so that the first visit of a type settles it.
class Walk {
 public:
  explicit Walk(const Model& model) : model_(model) {}

  void Visit(const Protocol& protocol) {
    version_ = protocol.version;
    for (const Message& message : protocol.messages) {
      VisitFields(message.parameters);
      if (message.returns) VisitFields(*message.returns);
      if (message.fails) VisitType(*message.fails);
    }
    while (!open_.empty()) {
      const Declaration next = open_.back();
      open_.pop_back();
      if (const auto* structure = std::get_if<StructId>(&next)) {
        VisitFields(model_.structure(*structure).fields);
      } else if (const auto* union_id = std::get_if<UnionId>(&next)) {
        for (const UnionMember& member : model_.union_of(*union_id).members) VisitType(member.type);
      }
    }
  }

  ReachedVersions Take() { return std::move(reached_); }

 private:
  void VisitFields(const std::vector<Field>& fields) {
    for (const Field& field : fields) VisitType(field.type);
  }

  void VisitType(const Type& type) {
    std::visit(Overloaded{[&](EnumId id) { reached_.enums.emplace(id, version_); },
                          [&](StructId id) {
                            if (reached_.structs.emplace(id, version_).second) open_.push_back(id);
                          },
                          [&](UnionId id) {
                            if (reached_.unions.emplace(id, version_).second) open_.push_back(id);
                          },
                          [&](const ArrayOf& array) { VisitType(*array.element); },
                          [&](const FixedArrayOf& array) { VisitType(*array.element); },
                          [&](const OptionalOf& optional) { VisitType(*optional.value); },
                          [&](const UniquePtrTo& pointer) { VisitType(*pointer.value); },
                          [&](const MapOf& map) {
                            VisitType(*map.key);
                            VisitType(*map.value);
                          },
                          [](const auto&) {}},
               type.kind);
  }

  const Model& model_;
  ReachedVersions reached_;
  std::vector<Declaration> open_;
  std::uint32_t version_ = 1;
};

}  // namespace

ReachedVersions FindReachedVersions(const Model& model) {
  std::vector<const Protocol*> protocols;
  for (const Protocol& protocol : model.protocols) protocols.push_back(&protocol);
  std::ranges::stable_sort(protocols, std::greater<>(), &Protocol::version);
  Walk walk(model);
  for (const Protocol* protocol : protocols) walk.Visit(*protocol);
  return walk.Take();
}

}  // namespace batonc
