#include "compiler/lower/dependency_groups.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace batonc {
namespace {

// Tarjan's algorithm; `visits_` stands for the stack of calls.
class Search {
 public:
  explicit Search(const Graph& graph)
      : graph_(graph),
        number_(graph.size(), 0),
        low_(graph.size(), 0),
        done_(graph.size(), false) {}

  std::vector<std::vector<std::size_t>> Run() && {
    for (std::size_t node = 0; node < graph_.size(); ++node) {
      if (number_[node] == 0) SearchFrom(node);
    }
    return std::move(components_);
  }

 private:
  struct Visit {
    std::size_t node;
    std::size_t next = 0;  // edge
  };

  void Enter(std::size_t node) {
    number_[node] = low_[node] = ++count_;
    open_.push_back(node);
    visits_.push_back({node});
  }

  void SearchFrom(std::size_t start) {
    Enter(start);
    while (!visits_.empty()) {
      Visit& visit = visits_.back();
      const std::size_t node = visit.node;
      if (visit.next < graph_[node].size()) {
        const std::size_t target = graph_[node][visit.next++];
        if (number_[target] == 0) {
          Enter(target);
        } else if (!done_[target]) {
          low_[node] = std::min(low_[node], number_[target]);
        }
        continue;
      }
      visits_.pop_back();
      if (!visits_.empty()) {
        std::size_t& outer = low_[visits_.back().node];
        outer = std::min(outer, low_[node]);
      }
      if (low_[node] == number_[node]) Close(node);
    }
  }

  void Close(std::size_t root) {
    const auto first = std::find(open_.rbegin(), open_.rend(), root).base() - 1;
    components_.emplace_back(first, open_.end());
    open_.erase(first, open_.end());
    for (const std::size_t node : components_.back()) done_[node] = true;
  }

  const Graph& graph_;
  std::vector<std::size_t> number_;  // by order of discovery, from 1; 0: not found yet
  std::vector<std::size_t> low_;
  std::vector<bool> done_;
  std::size_t count_ = 0;
  std::vector<std::size_t> open_;
  std::vector<Visit> visits_;
  std::vector<std::vector<std::size_t>> components_;
};

}  // namespace

std::vector<std::vector<std::size_t>> DependencyGroups(const Graph& graph) {
  return Search(graph).Run();
}

}  // namespace batonc
