#include "compiler/check/graph.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace batonc {
namespace {

enum class Mark : std::uint8_t { kNew, kOpen, kDone };

// Calls `on_back_edge(path, target)` when a node of the path comes again, `on_done(node)` behind
// all that the node leads to.
template <class OnBackEdge, class OnDone>
void Search(const Graph& graph, OnBackEdge on_back_edge, OnDone on_done) {
  std::vector<Mark> marks(graph.size(), Mark::kNew);
  std::vector<std::size_t> next_edge(graph.size(), 0);
  for (std::size_t root = 0; root < graph.size(); ++root) {
    if (marks[root] != Mark::kNew) continue;
    std::vector<std::size_t> path = {root};
    marks[root] = Mark::kOpen;
    while (!path.empty()) {
      const std::size_t node = path.back();
      if (next_edge[node] == graph[node].size()) {
        marks[node] = Mark::kDone;
        on_done(node);
        path.pop_back();
        continue;
      }
      const std::size_t target = graph[node][next_edge[node]++];
      if (marks[target] == Mark::kOpen) on_back_edge(path, target);
      if (marks[target] != Mark::kNew) continue;
      marks[target] = Mark::kOpen;
      path.push_back(target);
    }
  }
}

}  // namespace

std::vector<std::vector<std::size_t>> Circles(const Graph& graph) {
  std::vector<std::vector<std::size_t>> circles;
  std::vector<bool> reported(graph.size(), false);
  const auto on_back_edge = [&](const std::vector<std::size_t>& path, std::size_t target) {
    if (reported[target]) return;
    reported[target] = true;
    std::vector<std::size_t> circle(std::ranges::find(path, target), path.end());
    std::rotate(circle.begin(), std::ranges::min_element(circle), circle.end());
    circles.push_back(std::move(circle));
  };
  Search(graph, on_back_edge, [](std::size_t) {});
  return circles;
}

// Tarjan's, with the path on the heap. `lowest` is the earliest visited node still open that a node
// reaches.
std::vector<std::size_t> Components(const Graph& graph) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> component(graph.size(), kNone), visited(graph.size(), kNone);
  std::vector<std::size_t> lowest(graph.size(), 0), next_edge(graph.size(), 0), open, path;
  std::size_t count = 0;
  const auto enter = [&](std::size_t node) {
    visited[node] = lowest[node] = count++;
    path.push_back(node);
    open.push_back(node);
  };
  const auto leave = [&](std::size_t node) {
    path.pop_back();
    if (!path.empty()) lowest[path.back()] = std::min(lowest[path.back()], lowest[node]);
    if (lowest[node] != visited[node]) return;
    for (std::size_t member = kNone; member != node; open.pop_back()) {
      member = open.back();
      component[member] = node;
    }
  };
  for (std::size_t root = 0; root < graph.size(); ++root) {
    if (visited[root] == kNone) enter(root);
    while (!path.empty()) {
      const std::size_t node = path.back();
      if (next_edge[node] == graph[node].size()) {
        leave(node);
        continue;
      }
      const std::size_t target = graph[node][next_edge[node]++];
      if (visited[target] == kNone) {
        enter(target);
      } else if (component[target] == kNone) {
        lowest[node] = std::min(lowest[node], visited[target]);
      }
    }
  }
  return component;
}

std::vector<std::size_t> DependenciesFirst(const Graph& graph) {
  std::vector<std::size_t> order;
  Search(
      graph, [](const auto&, std::size_t) {}, [&](std::size_t node) { order.push_back(node); });
  return order;
}

}  // namespace batonc
