#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/diff/align.h"

namespace batonc {
namespace {

using Names = std::vector<std::string>;
using Pairs = std::vector<Alignment::Pair>;
using Indices = std::vector<std::size_t>;

TEST_CASE("align: what is the same stays") {
  const Alignment same = Align({"a", "b"}, {"a", "b"});
  CHECK(same.kept == Pairs{{0, 0}, {1, 1}});
  CHECK(same.moved.empty());
  CHECK(same.gone.empty());
  CHECK(same.inserted.empty());
  CHECK(same.appended.empty());
}

TEST_CASE("align: new at the end is appended, new before is inserted") {
  CHECK(Align({"a"}, {"a", "b"}).appended == Indices{1});
  CHECK(Align({}, {"a", "b"}).appended == Indices{0, 1});
  const Alignment inserted = Align({"a", "b"}, {"a", "x", "b", "y"});
  CHECK(inserted.inserted == Indices{1});
  CHECK(inserted.appended == Indices{3});
  CHECK(inserted.moved.empty());  // b has another number, but only because of x
}

TEST_CASE("align: what is gone is gone, and those behind it have not moved") {
  const Alignment gone = Align({"a", "b", "c"}, {"a", "c"});
  CHECK(gone.gone == Indices{1});
  CHECK(gone.kept == Pairs{{0, 0}, {2, 1}});
  CHECK(gone.moved.empty());
}

TEST_CASE("align: another name at the same place is a renaming") {
  const Alignment renamed = Align({"a", "b", "c"}, {"a", "x", "c"});
  CHECK(renamed.kept == Pairs{{0, 0}, {1, 1}, {2, 2}});
  CHECK(renamed.gone.empty());
  CHECK(renamed.inserted.empty());
}

TEST_CASE("align: places that were swapped are both moved") {
  const Alignment swapped = Align({"a", "b", "c"}, {"b", "a", "c"});
  CHECK(swapped.moved == Pairs{{0, 1}, {1, 0}});
}

}  // namespace
}  // namespace batonc
