#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/check/compounds.h"
#include "compiler/check/graph.h"
#include "compiler/check/passes.h"

namespace batonc {
namespace {

std::uint32_t Latest(const Lifetime& lifetime) {
  return std::max(lifetime.since, lifetime.removed);
}

// Structs, unions, enums and protocols are the nodes, in this order.
class VersionFinder {
 public:
  explicit VersionFinder(Model& model)
      : model_(model),
        compounds_(model),
        first_enum_(compounds_.size()),
        first_protocol_(first_enum_ + model.enums.size()),
        users_(first_protocol_ + model.protocols.size()),
        versions_(users_.size(), 1) {}

  void Run() {
    AddCompounds();
    AddEnums();
    for (std::size_t i = 0; i < model_.protocols.size(); ++i) AddProtocol(i);
    Spread();
    for (std::size_t i = 0; i < model_.protocols.size(); ++i) {
      model_.protocols[i].version = versions_[first_protocol_ + i];
    }
  }

 private:
  void Raise(std::size_t node, std::uint32_t version) {
    versions_[node] = std::max(versions_[node], version);
  }

  void Use(std::size_t user, const Type& type) {
    ForEachInnermost(type, [&](const Type& innermost) {
      if (const auto* id = std::get_if<EnumId>(&innermost.kind)) {
        users_[first_enum_ + static_cast<std::size_t>(*id)].push_back(user);
      } else if (const auto node = compounds_.NodeOf(innermost)) {
        users_[*node].push_back(user);
      }
    });
  }

  void AddFields(std::size_t node, const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      Raise(node, Latest(field.lifetime));
      Use(node, field.type);
    }
  }

  void AddCompounds() {
    for (std::size_t i = 0; i < model_.structs.size(); ++i) AddFields(i, model_.structs[i].fields);
    for (std::size_t i = 0; i < model_.unions.size(); ++i) {
      const std::size_t node = model_.structs.size() + i;
      for (const UnionMember& member : model_.unions[i].members) Use(node, member.type);
    }
  }

  void AddEnums() {
    for (std::size_t i = 0; i < model_.enums.size(); ++i) {
      for (const Enumerator& enumerator : model_.enums[i].enumerators) {
        Raise(first_enum_ + i, Latest(enumerator.lifetime));
      }
    }
  }

  // The actors below one travel on its channel.
  void AddProtocol(std::size_t i) {
    const std::size_t node = first_protocol_ + i;
    for (const Message& message : model_.protocols[i].messages) {
      Raise(node, Latest(message.lifetime));
      AddFields(node, message.parameters);
      if (message.returns) AddFields(node, *message.returns);
      if (message.fails) Use(node, *message.fails);
    }
    for (const ProtocolId managee : model_.protocols[i].manages) {
      users_[first_protocol_ + static_cast<std::size_t>(managee)].push_back(node);
    }
  }

  // From the latest downwards: whoever has been reached has its version for good.
  void Spread() {
    std::vector<std::size_t> order;
    for (std::size_t node = 0; node < versions_.size(); ++node) {
      if (versions_[node] > 1) order.push_back(node);
    }
    std::ranges::stable_sort(order, std::ranges::greater(),
                             [&](std::size_t node) { return versions_[node]; });
    std::vector<bool> is_final(versions_.size(), false);
    for (const std::size_t start : order) {
      const std::uint32_t version = versions_[start];
      std::vector<std::size_t> reached = {start};
      while (!reached.empty()) {
        const std::size_t node = reached.back();
        reached.pop_back();
        if (is_final[node]) continue;
        is_final[node] = true;
        versions_[node] = version;
        reached.insert(reached.end(), users_[node].begin(), users_[node].end());
      }
    }
  }

  Model& model_;
  Compounds compounds_;
  std::size_t first_enum_;
  std::size_t first_protocol_;
  Graph users_;
  std::vector<std::uint32_t> versions_;
};

}  // namespace

void FindVersions(CheckContext& context) {
  VersionFinder(context.model).Run();
}

}  // namespace batonc
