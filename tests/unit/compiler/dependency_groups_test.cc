#include "compiler/lower/dependency_groups.h"

#include <catch2/catch.hpp>

namespace batonc {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

TEST_CASE("what leads to each other is one group, behind what it leads to") {
  CHECK(DependencyGroups({}).empty());
  CHECK(DependencyGroups({{}, {}}) == Groups{{0}, {1}});
  CHECK(DependencyGroups({{1}, {2}, {}}) == Groups{{2}, {1}, {0}});
  CHECK(DependencyGroups({{0}}) == Groups{{0}});
  // 0 <-> 1 -> 2 <-> 3, and 4 -> 0
  CHECK(DependencyGroups({{1}, {0, 2}, {3}, {2}, {0}}) == Groups{{2, 3}, {0, 1}, {4}});
}

TEST_CASE("a long circle is found without a deep stack") {
  constexpr std::size_t kLength = 200'000;
  Graph graph(kLength);
  for (std::size_t i = 0; i < kLength; ++i) graph[i] = {(i + 1) % kLength};
  const Groups groups = DependencyGroups(graph);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].size() == kLength);
}

}  // namespace
}  // namespace batonc
