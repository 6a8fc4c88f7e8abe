#include "compiler/document/draw_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/document/html.h"

namespace batonc {
namespace {

// All in pixels.
constexpr std::size_t kRowHeight = 30;
constexpr std::size_t kBoxHeight = 22;
constexpr std::size_t kGap = 36;  // between two columns
constexpr std::size_t kMargin = 2;
constexpr double kCharacterWidth = 7.3;  // of the 12 pixel font of fixed width

class Drawing {
 public:
  Drawing(const Model& model, const ActorTree& tree) : model_(model), tree_(tree) {
    std::vector<std::size_t> widths;
    for (const TreeNode& node : tree.nodes) {
      if (node.depth >= widths.size()) widths.resize(node.depth + 1);
      widths[node.depth] = std::max(widths[node.depth], Width(node));
    }
    columns_.push_back(kMargin);
    for (const std::size_t width : widths) columns_.push_back(columns_.back() + width + kGap);
  }

  std::string Draw(const std::function<std::string(ProtocolId)>& link) const {
    const std::size_t width = columns_.back() - kGap + kMargin;
    const std::size_t height = tree_.rows * kRowHeight;
    std::string svg = fmt::format(
        "<svg class=\"tree\" role=\"img\" aria-label=\"Who manages whom\" width=\"{0}\" "
        "height=\"{1}\" viewBox=\"0 0 {0} {1}\" xmlns=\"http://www.w3.org/2000/svg\">\n",
        width, height);
    for (const TreeNode& node : tree_.nodes) {
      if (node.manager) svg += Branch(tree_.nodes[*node.manager], node);
    }
    for (const TreeNode& node : tree_.nodes) svg += Box(node, link(node.protocol));
    return svg + "</svg>\n";
  }

 private:
  std::size_t Width(const TreeNode& node) const {
    const double text =
        kCharacterWidth * static_cast<double>(model_.protocol(node.protocol).name.size());
    return static_cast<std::size_t>(text) + 18;
  }
  std::size_t Left(const TreeNode& node) const { return columns_[node.depth]; }
  std::size_t Right(const TreeNode& node) const { return Left(node) + Width(node); }
  static std::size_t Middle(const TreeNode& node) { return node.row * kRowHeight + kRowHeight / 2; }

  std::string Branch(const TreeNode& manager, const TreeNode& node) const {
    const std::size_t bend = Left(node) - kGap / 2;
    return fmt::format("<path d=\"M{} {}H{}V{}H{}\"/>\n", Right(manager), Middle(manager), bend,
                       Middle(node), Left(node));
  }

  std::string Box(const TreeNode& node, const std::string& link) const {
    const Protocol& protocol = model_.protocol(node.protocol);
    const std::size_t top = Middle(node) - kBoxHeight / 2;
    return fmt::format(
        "<a href=\"{}\"{}><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
        "rx=\"4\"/><text x=\"{}\" y=\"{}\">{}</text></a>\n",
        Escaped(link), node.is_repeated ? " class=\"again\"" : "", Escaped(FullName(protocol)),
        Left(node), top, Width(node), kBoxHeight, Left(node) + 9, Middle(node) + 4,
        Escaped(protocol.name));
  }

  const Model& model_;
  const ActorTree& tree_;
  std::vector<std::size_t> columns_;  // where each begins, and where one more would
};

std::string DotName(const Model& model, ProtocolId id) {
  return "\"" + FullName(model.protocol(id)) + "\"";  // names need no escapes
}

}  // namespace

std::string DrawTree(const Model& model, const ActorTree& tree,
                     const std::function<std::string(ProtocolId)>& link) {
  if (tree.nodes.empty()) return "";
  return Drawing(model, tree).Draw(link);
}

std::string DotGraph(const Model& model) {
  const ActorTree tree = LayOutActors(model);
  std::string dot =
      "digraph actors {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n";
  std::vector<ProtocolId> all = tree.alone;
  for (const TreeNode& node : tree.nodes) all.push_back(node.protocol);
  std::ranges::sort(all, {}, [&](ProtocolId id) { return FullName(model.protocol(id)); });
  for (const ProtocolId id : all) {
    dot += fmt::format("  {}{};\n", DotName(model, id),
                       model.protocol(id).is_sync ? " [peripheries=2, tooltip=\"sync\"]" : "");
  }
  for (const ProtocolId manager : all) {
    for (const ProtocolId managee : model.protocol(manager).manages) {
      dot += fmt::format("  {} -> {};\n", DotName(model, manager), DotName(model, managee));
    }
  }
  return dot + "}\n";
}

}  // namespace batonc
