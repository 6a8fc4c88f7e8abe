#include <baton/platform/entropy.h>

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::Must;

TEST_CASE("Random bytes differ every time") {
  std::set<std::array<std::byte, 16>> seen;
  for (int i = 0; i < 1000; ++i) {
    std::array<std::byte, 16> id = {};
    Must(FillRandom(id));
    CHECK(seen.insert(id).second);
  }
}

TEST_CASE("All of a large area is filled") {
  std::vector<std::byte> bytes(1 << 20);
  Must(FillRandom(bytes));
  // A run of 64 zeros has a probability of 2^-492 per place.
  const std::vector<std::byte> zeros(64);
  CHECK(std::search(bytes.begin(), bytes.end(), zeros.begin(), zeros.end()) == bytes.end());
  CHECK(std::vector<std::byte>(bytes.end() - 64, bytes.end()) != zeros);
}

TEST_CASE("Nothing to fill is no error") {
  CHECK(FillRandom({}));
}

}  // namespace
}  // namespace baton::platform
