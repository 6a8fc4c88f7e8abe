// How deep a message may go by way of unions, maps and owned pointers: 64 tables, the root counted.
#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <memory>

#include "tests/unit/runtime/wire_by_hand.h"
#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::Rule;

namespace {

std::error_code ErrorOf(const wire::Table& table, const Bytes& bytes, void* object) {
  const auto decoded = DecodeInto(table, bytes, object);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

struct MapTree {
  std::map<std::int32_t, MapTree> branches;
};
extern const wire::Table kMapTreeTable;
constexpr wire::Type kMapTree = wire::kStructOf<MapTree, kMapTreeTable>;
constexpr wire::Type kMapTrees = wire::kMapOf<std::int32_t, MapTree, wire::kInt32, kMapTree>;
constexpr wire::Row kMapTreeRows[] = {{"branches", 0, 0, &kMapTrees}};
const wire::Table kMapTreeTable = {"MapTree", kMapTreeRows};

}  // namespace

TEST_CASE("unions in unions nest until there are 64 tables", "[wire][nesting]") {
  // The root, the unions, and the box of the innermost number.
  const auto nested = [](int unions) {
    ByHand by_hand;
    Priced shape = by_hand.Union(2, by_hand.Empty(), 0);
    for (int n = 1; n < unions; ++n) shape = by_hand.Union(6, shape, 0);
    return by_hand.Finish(by_hand.Box(shape));
  };
  Shape shape;
  CHECK(ErrorOf(kOnly<kShape>, nested(62), &shape) == std::error_code());
  CHECK(ErrorOf(kOnly<kShape>, nested(GENERATE(63, 1000)), &shape) == Rule::kMalformed);
}

TEST_CASE("maps in maps nest until there are 64 tables", "[wire][nesting]") {
  // The root, and an entry and its value for each level.
  const auto nested = [](int maps) {
    ByHand by_hand;
    Priced tree = by_hand.Empty();
    for (int n = 0; n < maps; ++n) {
      tree = by_hand.Box(by_hand.Vector({by_hand.Entry(n, tree)}, 0));
    }
    return by_hand.Finish(tree);
  };
  MapTree tree;
  CHECK(ErrorOf(kMapTreeTable, nested(31), &tree) == std::error_code());
  CHECK(ErrorOf(kMapTreeTable, nested(GENERATE(32, 1000)), &tree) == Rule::kMalformed);
}

TEST_CASE("a map that holds its own map at every level ends, and soon", "[wire][nesting]") {
  ByHand by_hand;
  Priced tree = by_hand.Empty();
  for (int n = 0; n < 31; ++n) {
    tree = by_hand.Box(by_hand.Vector({by_hand.Entry(1, tree), by_hand.Entry(2, tree)}, 0));
  }
  MapTree value;
  CHECK(ErrorOf(kMapTreeTable, by_hand.Finish(tree), &value) == Rule::kDecodeBudget);
}

TEST_CASE("owned pointers nest until there are 64 tables", "[wire][nesting]") {
  const auto nested = [](int nodes) {
    ByHand by_hand;
    Priced node = by_hand.Empty();
    for (int n = 1; n < nodes; ++n) node = by_hand.Entry(n, node);
    return by_hand.Finish(node);
  };
  Node list;
  CHECK(ErrorOf(kNodeTable, nested(64), &list) == std::error_code());
  CHECK(ErrorOf(kNodeTable, nested(GENERATE(65, 1000)), &list) == Rule::kMalformed);
}
