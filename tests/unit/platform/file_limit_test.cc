#include <baton/platform/file_limit.h>

#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::Must;

TEST_CASE("A process may ask for all files that it may have") {
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few = {100, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  CHECK(Must(RaiseFileLimit()) == before.rlim_max);
  rlimit after = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  CHECK(Must(RaiseFileLimit()) == before.rlim_max);  // again changes nothing
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace
}  // namespace baton::platform
