// The course of things, as the chart and the flow have it.
#include <catch2/catch.hpp>

#include <numeric>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tests/unit/tools/memtrack/report/random_snapshot.h"
#include "tools/memtrack/serve/flow.h"
#include "tools/memtrack/serve/history.h"

namespace memtrack::testing {
namespace {

std::uint64_t SumAt(const Chart& chart, std::size_t point) {
  std::uint64_t sum = chart.other[point];
  for (const auto& bytes : chart.bytes) sum += bytes[point];
  return sum;
}

TEST_CASE("serve: a long history is bounded, begins at the beginning and is dense at its end") {
  History history;
  for (int i = 0; i < 10'000; ++i) {
    MadeUp made_up(i);
    made_up.Has(1, "pool", 4096);
    history.Add(made_up.model());
    REQUIRE(history.size() <= History::kMostPoints);
  }
  const Chart chart = history.ChartOf(8, {});
  REQUIRE(chart.times.size() == history.size());
  CHECK(chart.times.front() == kBegin);
  for (std::size_t i = 1; i < History::kNewest; ++i) {
    const std::size_t at = chart.times.size() - i;
    REQUIRE(chart.times[at] - chart.times[at - 1] == kSecond);
  }
  CHECK(std::ranges::is_sorted(chart.times));
}

TEST_CASE("serve: the chart has the largest tags, and all the rest as one") {
  History history;
  std::vector<std::uint64_t> totals;
  for (int pass = 0; pass < 5; ++pass) {
    MadeUp made_up(pass);
    for (std::uint64_t i = 0; i < 40; ++i) {
      made_up.Has(i, std::string(1, static_cast<char>('A' + i)), 4096 * (i + 1));
    }
    history.Add(made_up.model());
    totals.push_back(made_up.model().bytes);
  }
  const Chart chart = history.ChartOf(8, {});
  REQUIRE(chart.tags.size() == 8);
  CHECK(chart.tags.front() == "h");  // the 40th letter from A
  CHECK(chart.bytes.front().back() == 4096 * 40);
  for (std::size_t i = 0; i < totals.size(); ++i) CHECK(SumAt(chart, i) == totals[i]);
}

TEST_CASE("serve: a tag that leaks is in the chart however small, and on top") {
  History history;
  for (int pass = 0; pass < 5; ++pass) {
    MadeUp made_up(pass);
    for (std::uint64_t i = 0; i < 12; ++i) {
      made_up.Has(i, std::string(1, static_cast<char>('A' + i)), 1 << 20);
    }
    for (int i = 0; i < pass; ++i) made_up.Has(static_cast<std::uint64_t>(100 + i), "leaky", 4096);
    history.Add(made_up.model());
  }
  const Chart chart = history.ChartOf(4, {"leaky", "not there"});
  REQUIRE(chart.tags.size() == 4);
  CHECK(chart.tags.back() == "leaky");
  CHECK(chart.bytes.back() == std::vector<std::uint64_t>{0, 4096, 8192, 12288, 16384});
}

TEST_CASE("serve: what comes and goes is 0 while it is not there") {
  History history;
  for (int pass = 0; pass < 3; ++pass) {
    MadeUp made_up(pass);
    if (pass == 1) made_up.Has(1, "pool", 4096);
    history.Add(made_up.model());
  }
  CHECK(history.ChartOf(8, {}).bytes.at(0) == std::vector<std::uint64_t>{0, 4096, 0});
}

TEST_CASE("serve: the flow has every byte once, and says who has ended") {
  MadeUp made_up;
  made_up.Runs(10, "maker");
  made_up.Runs(20, "taker");
  made_up.HasBatons(1, "PImage", 8193, 10);
  made_up.Maps(10, 1);
  made_up.Maps(20, 1);
  made_up.HasBatons(2, "PImage", 4096, 777);
  made_up.Maps(20, 2);
  made_up.Has(3, "pool", 4096);
  const Model model = made_up.model();
  const auto links = FlowOf(Course(std::span(&model, 1)), {"PImage"});
  REQUIRE(links.size() == 4);
  std::map<std::string, std::uint64_t> bytes;
  for (const FlowLink& link : links) {
    bytes[link.creator + " > " + link.tag + " > " + link.holder] = link.bytes;
  }
  CHECK(bytes["maker (10) > PImage > maker (10)"] == 4097);
  CHECK(bytes["maker (10) > PImage > taker (20)"] == 4096);
  CHECK(bytes["process 777, ended > PImage > taker (20)"] == 4096);
  CHECK(bytes["not known > other > nobody"] == 4096);
}

TEST_CASE("serve: the flow of any machine is bounded, and adds up to all of its memory") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const Model model = BuildModel(RandomSnapshot(seed), Share::kOwner);
    std::uint64_t sum = 0;
    for (const FlowLink& link : FlowOf(Course(std::span(&model, 1)), {"PImage"})) sum += link.bytes;
    REQUIRE(sum == model.bytes);
  }
  MadeUp crowd;
  for (int pid = 100; pid < 300; ++pid) {
    crowd.Runs(pid, "p");
    const auto inode = static_cast<std::uint64_t>(pid);
    crowd.Has(inode, "baton:P" + std::to_string(pid) + ":1", 4096).attributes["creator"] =
        std::to_string(pid);
    crowd.Maps(pid, inode);
  }
  const Model model = crowd.model();
  CHECK(FlowOf(Course(std::span(&model, 1)), {}).size() <=
        (kMostFlowCreators + 1) * (kMostFlowHolders + 1));
}

}  // namespace
}  // namespace memtrack::testing
