// What a long watch remembers.
#include "tools/memtrack/cli/series.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack::testing {
namespace {

TEST_CASE("memtrack: a long watch is remembered from its beginning, in bounded memory") {
  Series series;
  for (int i = 0; i < 1000; ++i) series.Add(MadeUp(i).model());
  const auto models = series.models();
  CHECK(models.size() == Series::kMostModels);
  CHECK(models.front().taken_at == kBegin);
  for (std::size_t i = 0; i < Series::kNewest; ++i) {
    CHECK(models[models.size() - 1 - i].taken_at ==
          kBegin + (999 - static_cast<std::int64_t>(i)) * kSecond);
  }
  std::int64_t smallest = 1000 * kSecond, largest = 0;
  for (std::size_t i = 0; i + Series::kNewest + 1 < models.size(); ++i) {
    const std::int64_t gap = models[i + 1].clock - models[i].clock;
    largest = std::max(largest, gap);
    // The one behind the last but newest is on its way.
    if (i + Series::kNewest + 2 < models.size()) smallest = std::min(smallest, gap);
  }
  CHECK(largest <= 3 * smallest);
  CHECK(largest <= 2 * 1000 * kSecond / static_cast<std::int64_t>(Series::kMostModels - 4));
}

TEST_CASE("memtrack: who made a piece is known as long as it is watched") {
  Series series;
  for (int pass = 0; pass < 500; ++pass) {
    MadeUp made_up(pass);
    made_up.Runs(10, "client");
    made_up.Runs(20, "server");
    for (std::uint64_t inode = 100; pass > 0 && inode < 110; ++inode) {
      made_up.Has(inode, "frame", 1 << 20);
      made_up.Maps(pass == 1 ? 10 : 20, inode);
      if (pass == 1) made_up.Opens(10, inode);
    }
    series.Add(made_up.model());
  }
  const auto verdicts = Judge(series.course(), {});
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].finding == Finding::kReceiverOnly);
  CHECK(verdicts[0].processes == std::vector{MadeUp::KeyOf(20), MadeUp::KeyOf(10)});
}

}  // namespace
}  // namespace memtrack::testing
