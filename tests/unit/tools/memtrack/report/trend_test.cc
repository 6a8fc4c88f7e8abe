#include <catch2/catch.hpp>

#include <vector>

#include "tools/memtrack/rules/trend.h"

namespace memtrack::testing {
namespace {

// One value a minute.
std::vector<Sample> Minutes(const std::vector<double>& values) {
  std::vector<Sample> samples;
  for (const double value : values) samples.push_back({static_cast<double>(samples.size()), value});
  return samples;
}

TEST_CASE("memtrack: the slope is that of the middle pair, whatever one outlier does") {
  CHECK(TheilSenSlope(Minutes({})) == 0);
  CHECK(TheilSenSlope(Minutes({5})) == 0);
  CHECK(TheilSenSlope(Minutes({5, 8})) == 3);
  CHECK(TheilSenSlope(Minutes({0, 2, 4, 6, 8})) == 2);
  CHECK(TheilSenSlope(Minutes({0, 2, 400, 6, 8})) == Approx(2));
  CHECK(TheilSenSlope(Minutes({8, 6, 4})) == -2);
  CHECK(TheilSenSlope(std::vector<Sample>{{1, 5}, {1, 9}}) == 0);  // at the same time
  CHECK(TheilSenSlope(Minutes({0, 1, 1, 2})) == Approx((0.5 + 1.0) / 2).margin(0.35));
}

TEST_CASE("memtrack: what goes on growing grows, all else does not") {
  const auto [values, grows] = GENERATE(table<std::vector<double>, bool>({
      {{1, 2, 3, 4, 5, 6}, true},
      {{1, 3, 2, 4, 6, 5, 8, 9, 8, 11}, true},             // with noise
      {{5, 5, 5, 5, 6, 7, 8, 9, 10, 11}, true},            // later
      {{1, 2, 3, 4}, false},                               // too short
      {{1, 5, 8, 10, 11, 12, 12, 12, 12, 12, 12}, false},  // a cache that is warm
      {{4, 4, 4, 8, 8, 8, 8, 8}, false},                   // a step
      {{4, 9, 4, 9, 4, 9, 4, 9, 4, 9}, false},             // up and down
      {{9, 8, 7, 6, 5, 4}, false},                         // shrinks
      {{1, 1, 1, 1, 1, 1}, false},
      {{3, 4, 6, 5, 7, 6, 3, 4, 6, 5, 3}, false},  // churn
      {{1, 1.1, 1.2, 1.3, 1.4, 1.5}, false},       // less than matters
  }));
  CAPTURE(values);
  const auto samples = Minutes(values);
  CHECK(FindGrowth(samples, {.least_samples = 5, .per_minute = 0.1, .gain = 3}).has_value() ==
        grows);
}

TEST_CASE("memtrack: growth is told from where it began") {
  const auto growth =
      FindGrowth(Minutes({5, 5, 5, 5, 6, 7, 8, 9, 10}), {.per_minute = 0.1, .gain = 3});
  REQUIRE(growth.has_value());
  CHECK(growth->since == 3);
}

// Many samples of a moment at the end are no half of the time.
TEST_CASE("memtrack: the newer half is half of the time") {
  std::vector<Sample> samples = Minutes({1, 2, 3, 4, 5, 6});
  for (int i = 1; i <= 6; ++i) samples.push_back({5 + i / 1000.0, 6});
  const GrowthLimits limits = {.per_minute = 0.1, .gain = 3};
  CHECK(FindGrowth(std::span(samples).first(6), limits).has_value());
  CHECK_FALSE(FindGrowth(std::span(samples), limits).has_value());  // at rest, most of all
  samples.resize(8);
  CHECK(FindGrowth(std::span(samples), limits).has_value());
}

}  // namespace
}  // namespace memtrack::testing
