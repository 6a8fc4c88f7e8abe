#include <catch2/catch.hpp>

#include "compiler/check/graph.h"

namespace batonc {
namespace {

using Circle = std::vector<std::size_t>;

TEST_CASE("graph: finds circles, and says where they go") {
  CHECK(Circles({}).empty());
  CHECK(Circles({{1, 2}, {2}, {}}).empty());
  CHECK(Circles({{0}}) == std::vector<Circle>{{0}});
  CHECK(Circles({{}, {3}, {1}, {2}}) == std::vector<Circle>{{1, 3, 2}});
  CHECK(Circles({{0, 0, 0}, {1}}) == std::vector<Circle>{{0}, {1}});
}

TEST_CASE("graph: every node comes behind what it needs") {
  CHECK(DependenciesFirst({{1, 2}, {2}, {}}) == Circle{2, 1, 0});
}

TEST_CASE("graph: a chain of any length is no danger to the stack") {
  constexpr std::size_t kLength = 1'000'000;
  Graph graph(kLength);
  for (std::size_t i = 0; i + 1 < kLength; ++i) graph[i].push_back(i + 1);
  CHECK(Circles(graph).empty());
  CHECK(DependenciesFirst(graph).back() == 0);
}

TEST_CASE("graph: components are nodes that lead to each other") {
  const std::vector<std::size_t> found = Components({{1}, {2, 3}, {0}, {4}, {3}, {5}, {0, 5}});
  CHECK(found[0] == found[1]);
  CHECK(found[1] == found[2]);
  CHECK(found[3] == found[4]);
  for (const std::size_t other : {3, 5, 6}) CHECK(found[0] != found[other]);
  CHECK(found[5] != found[6]);
}

TEST_CASE("graph: components of a long chain and of a long circle") {
  Graph graph(100'000);
  for (std::size_t i = 0; i + 1 < graph.size(); ++i) graph[i].push_back(i + 1);
  CHECK(Components(graph).front() != Components(graph).back());
  graph.back().push_back(0);
  CHECK(Components(graph).front() == Components(graph).back());
}

}  // namespace
}  // namespace batonc
