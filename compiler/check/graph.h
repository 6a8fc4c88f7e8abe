// Circles in a directed graph, without recursion: a file may hold a chain of any length.
#pragma once

#include <cstddef>
#include <vector>

namespace batonc {

// Edges by node: the nodes that a node leads to.
using Graph = std::vector<std::vector<std::size_t>>;

// Each node on a path that comes back to itself, in order, starting with the smallest; one circle
// per node at which a search comes back. Empty when there is none.
std::vector<std::vector<std::size_t>> Circles(const Graph& graph);

// By node the number of its strongly connected component: two nodes have the same one exactly when
// each leads to the other.
std::vector<std::size_t> Components(const Graph& graph);

// Every node behind all that it leads to. `graph` has no circles.
std::vector<std::size_t> DependenciesFirst(const Graph& graph);

}  // namespace batonc
