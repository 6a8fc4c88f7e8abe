#include "compiler/lower/version_tree.h"

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/check/innermost.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

using Protocols = std::vector<const Protocol*>;

// All that `protocol` manages, whatever the version; of the others those in `wanted`.
template <class Wanted>
Protocols TreeOf(const Model& model, const Protocol& protocol, const Wanted& wanted) {
  Protocols tree = {&protocol};
  for (std::size_t next = 0; next < tree.size(); ++next) {
    for (const ProtocolId id : tree[next]->manages) {
      const Protocol* const managed = &model.protocol(id);
      if (wanted(id) && std::ranges::find(tree, managed) == tree.end()) tree.push_back(managed);
    }
  }
  return tree;
}

// The protocols of which messages of `version`, or of any, make actors.
class Beginnings {
 public:
  Beginnings(const Model& model, std::optional<std::uint32_t> version)
      : model_(model), version_(version), reach_(model, {}, version) {}

  void Add(const Message& message) {
    if (!IsThere(message.lifetime)) return;
    if (message.constructs) found_.insert(*message.constructs);
    AddFields(message.parameters);
    if (message.returns) AddFields(*message.returns);
    reach_.Add(message);
  }

  std::set<ProtocolId> Find() {
    for (const Reach::Found& found : reach_.Types()) {
      if (const auto* id = std::get_if<StructId>(&found.type)) {
        AddFields(model_.structure(*id).fields);
      } else if (const auto* one = std::get_if<UnionId>(&found.type)) {
        for (const UnionMember& member : model_.union_of(*one).members) AddType(member.type);
      }
    }
    return std::move(found_);
  }

 private:
  bool IsThere(const Lifetime& lifetime) const {
    return !version_ || ExistsIn(*version_, lifetime);
  }

  void AddFields(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      if (IsThere(field.lifetime)) AddType(field.type);
    }
  }

  void AddType(const Type& type) {
    ForEachInnermost(type, [&](const Type& innermost) {
      const auto* endpoint = std::get_if<EndpointType>(&innermost.kind);
      if (endpoint != nullptr && endpoint->is_managed) found_.insert(endpoint->protocol);
    });
  }

  const Model& model_;
  const std::optional<std::uint32_t> version_;
  Reach reach_;
  std::set<ProtocolId> found_;
};

std::set<ProtocolId> BeginningsIn(const Model& model, const Protocols& tree,
                                  std::optional<std::uint32_t> version) {
  Beginnings beginnings(model, version);
  for (const Protocol* const protocol : tree) {
    for (const Message& message : protocol->messages) beginnings.Add(message);
  }
  return beginnings.Find();
}

}  // namespace

std::vector<const Protocol*> TreeIn(const Model& model, const Protocol& protocol,
                                    std::uint32_t version) {
  const Protocols all = TreeOf(model, protocol, [](ProtocolId) { return true; });
  if (all.size() == 1) return all;
  const std::set<ProtocolId> ever = BeginningsIn(model, all, std::nullopt);
  const std::set<ProtocolId> now = BeginningsIn(model, all, version);
  Protocols tree = TreeOf(model, protocol,
                          [&](ProtocolId id) { return now.contains(id) || !ever.contains(id); });
  std::ranges::sort(tree.begin() + 1, tree.end(), {},
                    [](const Protocol* one) { return FullName(*one); });
  return tree;
}

}  // namespace batonc
