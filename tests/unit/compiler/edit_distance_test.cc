#include <catch2/catch.hpp>

#include "compiler/check/edit_distance.h"

namespace batonc {
namespace {

TEST_CASE("edit distance: counts what was inserted, dropped, replaced or swapped") {
  CHECK(EditDistance("", "", 3) == 0);
  CHECK(EditDistance("Shmem", "Shmem", 3) == 0);
  CHECK(EditDistance("Shmen", "Shmem", 3) == 1);
  CHECK(EditDistance("Shmm", "Shmem", 3) == 1);
  CHECK(EditDistance("Shmeem", "Shmem", 3) == 1);
  CHECK(EditDistance("Shemm", "Shmem", 3) == 1);
  CHECK(EditDistance("kitten", "sitting", 3) == 3);
}

TEST_CASE("edit distance: gives up at the limit") {
  CHECK(EditDistance("kitten", "sitting", 2) == 3);
  CHECK(EditDistance("a", "abcdefgh", 2) == 3);
  CHECK(EditDistance("", "abc", 2) == 3);
}

TEST_CASE("nearest name: only what was almost surely meant") {
  const std::vector<std::string> names = {"uint8", "uint16", "uint32", "string", "Shmem", "Frame"};
  CHECK(NearestName("Shmen", names) == "Shmem");
  CHECK(NearestName("strng", names) == "string");
  CHECK(NearestName("String", names) == "string");
  CHECK(NearestName("FRAME", names) == "Frame");
  CHECK(NearestName("uint36", names) == std::nullopt);  // uint32 and uint16 are as near
  CHECK(NearestName("Picture", names) == std::nullopt);
  CHECK(NearestName("x", {}) == std::nullopt);
  CHECK(NearestName(std::string(100, 'x'), {std::string(100, 'x') + "y"}) == std::nullopt);
}

}  // namespace
}  // namespace batonc
