#include "compiler/document/actor_tree.h"

#include <algorithm>

namespace batonc {
namespace {

class Layout {
 public:
  explicit Layout(const Model& model) : model_(model), is_placed_(model.protocols.size()) {}

  ActorTree Run() {
    std::vector<ProtocolId> all;
    for (const File& file : model_.files) {
      for (const Declaration& declaration : file.declarations) {
        const auto* protocol = std::get_if<ProtocolId>(&declaration);
        if (protocol != nullptr && !file.is_prelude) all.push_back(*protocol);
      }
    }
    std::ranges::sort(all, {}, [this](ProtocolId id) { return FullName(model_.protocol(id)); });
    for (const ProtocolId id : all) {
      const Protocol& protocol = model_.protocol(id);
      if (!protocol.managers.empty()) continue;
      if (protocol.manages.empty()) {
        tree_.alone.push_back(id);
      } else {
        AddTree(id);
      }
    }
    for (const ProtocolId id : all) {  // whose managers are not here
      if (!IsPlaced(id) && !model_.protocol(id).managers.empty()) AddTree(id);
    }
    return std::move(tree_);
  }

 private:
  static std::size_t Index(ProtocolId id) { return static_cast<std::size_t>(id); }
  bool IsPlaced(ProtocolId id) const { return is_placed_[Index(id)]; }

  std::size_t Place(ProtocolId id, std::size_t depth, std::size_t row,
                    std::optional<std::size_t> manager) {
    tree_.nodes.push_back({id, depth, row, manager, IsPlaced(id)});
    is_placed_[Index(id)] = true;
    tree_.rows = std::max(tree_.rows, row + 1);
    return tree_.nodes.size() - 1;
  }

  // Depth first without recursion: a chain of managers may have any length.
  void AddTree(ProtocolId root) {
    struct Open {
      std::size_t node;
      std::vector<ProtocolId> managees;
      std::size_t next = 0;
      bool has_any = false;
    };
    std::vector<Open> open;
    const std::size_t first = Place(root, 0, tree_.rows, {});
    open.push_back({first, ManageesOf(root)});
    while (!open.empty()) {
      Open& top = open.back();
      if (top.next == top.managees.size()) {
        open.pop_back();
        continue;
      }
      const ProtocolId managee = top.managees[top.next++];
      const bool is_repeated = IsPlaced(managee);
      const TreeNode manager = tree_.nodes[top.node];
      const std::size_t row = top.has_any ? tree_.rows : manager.row;
      top.has_any = true;
      const std::size_t node = Place(managee, manager.depth + 1, row, top.node);
      if (!is_repeated) open.push_back({node, ManageesOf(managee)});
    }
  }

  std::vector<ProtocolId> ManageesOf(ProtocolId id) const {
    std::vector<ProtocolId> managees = model_.protocol(id).manages;
    std::ranges::sort(managees, {},
                      [this](ProtocolId one) { return FullName(model_.protocol(one)); });
    return managees;
  }

  const Model& model_;
  std::vector<bool> is_placed_;  // by ProtocolId
  ActorTree tree_;
};

}  // namespace

ActorTree LayOutActors(const Model& model) {
  return Layout(model).Run();
}

}  // namespace batonc
