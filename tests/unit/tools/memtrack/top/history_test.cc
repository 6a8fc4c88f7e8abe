// What is remembered of what has been.
#include <catch2/catch.hpp>

#include <vector>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/top/history.h"
#include "tools/memtrack/top/kept_models.h"
#include "tools/memtrack/top/live_feed.h"

namespace memtrack::testing {
namespace {

using top::KeptModels;
using top::LiveFeed;
using top::TagHistory;

Model Holding(double seconds, const std::string& name, std::uint64_t bytes) {
  MadeUp made_up(seconds);
  if (bytes > 0) made_up.Has(100, name, bytes);
  return made_up.model();
}

TEST_CASE("memtrack top: a tag is remembered for 60 samples, and its growth is per minute") {
  TagHistory history;
  for (int i = 0; i < 70; ++i) {
    history.Add(Holding(i, "pool", 1000 + 10 * static_cast<std::uint64_t>(i)));
  }
  const auto bytes = history.BytesOf("pool");
  REQUIRE(bytes.size() == TagHistory::kSamples);
  CHECK(bytes.front() == 1100);
  CHECK(bytes.back() == 1690);
  CHECK(history.GrowthOf("pool") == Approx(600));
  CHECK(history.BytesOf("nobody").empty());
  CHECK(history.GrowthOf("nobody") == 0);
}

TEST_CASE("memtrack top: a tag that comes late was nothing before, and one that is gone fades") {
  TagHistory history;
  history.Add(Holding(0, "old", 10));
  history.Add(Holding(1, "new", 20));
  CHECK(history.BytesOf("old") == std::vector<double>{10, 0});
  CHECK(history.BytesOf("new") == std::vector<double>{0, 20});
  for (std::size_t i = 2; i <= TagHistory::kSamples; ++i) {
    history.Add(Holding(static_cast<double>(i), "new", 20));
  }
  CHECK(history.BytesOf("old").empty());
  CHECK(history.BytesOf("new").size() == TagHistory::kSamples);
}

TEST_CASE("memtrack top: kept models are few, newest ones as they came, the rest a grid") {
  KeptModels kept;
  for (int i = 0; i < 10'000; ++i) {
    kept.Add(MadeUp(i).model());
    REQUIRE(kept.models().size() <= KeptModels::kMost);
    REQUIRE(kept.newest().taken_at == kBegin + i * kSecond);
  }
  const auto models = kept.models();
  CHECK(models.front().taken_at == kBegin);
  for (std::size_t i = 0; i < KeptModels::kNewest; ++i) {
    CHECK(models[models.size() - 1 - i].taken_at ==
          kBegin + (9999 - static_cast<std::int64_t>(i)) * kSecond);
  }
  const std::int64_t step = models[1].taken_at - models[0].taken_at;
  for (std::size_t i = 1; i + KeptModels::kNewest < models.size(); ++i) {
    CHECK(models[i].taken_at - models[i - 1].taken_at == step);
  }
  CHECK(models.size() > KeptModels::kMost / 2);
}

TEST_CASE("memtrack top: a leak becomes a verdict while one looks, also a slow one") {
  const int seconds_between = GENERATE(1, 60);
  int pass = 0;
  LiveFeed feed(
      [&]() -> baton::Result<Snapshot> {
        MadeUp made_up(pass * seconds_between);
        made_up.Runs(10, "client");
        for (int i = 0; i < 5 + 30 * pass; ++i) {
          made_up.Has(static_cast<std::uint64_t>(100 + i), "pool", 65536);
          made_up.Maps(10, static_cast<std::uint64_t>(100 + i));
        }
        ++pass;
        return made_up.snapshot();
      },
      Share::kOwner);
  for (int i = 0; i < LiveFeed::kJudgedEvery - 1; ++i) REQUIRE(feed.Advance());
  CHECK_FALSE(feed.data().is_judged);
  for (int i = 0; i < 20; ++i) REQUIRE(feed.Advance());
  REQUIRE(feed.data().is_judged);
  REQUIRE_FALSE(feed.data().verdicts.empty());
  CHECK(feed.data().verdicts.front().tag == "pool");
}

TEST_CASE("memtrack top: a scan that fails is said, and the samples before it stay") {
  int pass = 0;
  LiveFeed feed(
      [&]() -> baton::Result<Snapshot> {
        if (pass++ == 1) return baton::Fail(std::make_error_code(std::errc::permission_denied));
        return MadeUp(pass).snapshot();
      },
      Share::kOwner);
  REQUIRE(feed.Advance());
  const auto failed = feed.Advance();
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == std::errc::permission_denied);
  CHECK(feed.data().model.taken_at == kBegin + kSecond);
}

}  // namespace
}  // namespace memtrack::testing
