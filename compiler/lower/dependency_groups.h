// Which nodes of a directed graph lead to each other, without recursion.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/check/graph.h"

namespace batonc {

// All nodes, those that lead to each other together, each group behind those it leads to; else in
// the order in which a search from the first node on finds them. In linear time.
std::vector<std::vector<std::size_t>> DependencyGroups(const Graph& graph);

}  // namespace batonc
