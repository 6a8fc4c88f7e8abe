// What the page is given, and what Prometheus is.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/serve/metrics.h"
#include "tools/memtrack/serve/page_data.h"
#include "tools/memtrack/serve/sampler.h"

namespace memtrack::testing {
namespace {

using nlohmann::json;

// A machine that is looked at, a second from one pass to the next.
class Looked {
 public:
  MadeUp& Next() {
    Finish();
    current_.emplace(static_cast<double>(models_.size()));
    return *current_;
  }

  Pass pass() {
    Finish();
    return {Course(models_), Judge(models_, {})};
  }
  const History& history() const { return history_; }

 private:
  void Finish() {
    if (!current_) return;
    models_.push_back(current_->model());
    history_.Add(models_.back());
    current_.reset();
  }

  std::optional<MadeUp> current_;
  std::vector<Model> models_;
  History history_;
};

void Leak(Looked& looked, int passes) {
  for (int pass = 0; pass < passes; ++pass) {
    MadeUp& machine = looked.Next();
    machine.Runs(10, "client");
    machine.Has(1, "steady", 1 << 20);
    machine.Maps(10, 1);
    for (int i = 0; i < 5 + pass; ++i) {
      machine.Has(static_cast<std::uint64_t>(100 + i), "leaky", 65536);
      machine.Opens(10, static_cast<std::uint64_t>(100 + i));
    }
  }
}

json DataOf(Looked& looked) {
  const Pass pass = looked.pass();
  return json::parse(PageData(pass, looked.history(), {12, 0, "", 0.5}));
}

TEST_CASE("serve: the page is told what grows, who has it, and that it is a leak") {
  Looked looked;
  Leak(looked, 12);
  const json data = DataOf(looked);
  CHECK(data["view"] == "serve");
  CHECK(data["memtrack"] == 1);
  CHECK(data["watch"] ==
        json({{"passes", 12}, {"failures", 0}, {"failure", ""}, {"interval_ms", 500}}));
  CHECK(data["chart"]["tags"] == json({"steady", "leaky"}));
  CHECK(data["chart"]["bytes"][1][0] == 5 * 65536);
  CHECK(data["chart"]["bytes"][1][11] == 16 * 65536);
  CHECK(data["chart"]["times_ms"].size() == 12);
  CHECK(data["chart"]["other"] == json(std::vector<int>(12)));
  CHECK(data["verdicts"][0]["finding"] == "growth");
  CHECK(data["verdicts"][0]["tag"] == "leaky");
  CHECK(data["segments_total"] == 17);
  CHECK(data["segments"][0]["tag"] == "steady");
  CHECK(data["segments"][0]["holders"][0]["command"] == "client");
  CHECK(data["segments"][1]["age_ns"].get<std::int64_t>() / kSecond == 111);
  CHECK(data["processes_holding"] == 1);
  CHECK(data["flow"][0]["holder"] == "client (10)");
  CHECK(data["tags"].size() == 2);
}

TEST_CASE("serve: however much there is, the page is told a bounded part of it") {
  Looked looked;
  for (int pass = 0; pass < 2; ++pass) {
    MadeUp& machine = looked.Next();
    for (int pid = 1000; pid < 1100; ++pid) {
      machine.Runs(pid, "crowd");
      machine.Maps(pid, 1);
    }
    for (std::uint64_t i = 0; i < 3000; ++i) {
      machine.Has(i + 1, "tag" + std::string(1 + i % 26, 'x') + std::string(1 + i / 26, 'y'),
                  4096 + (i == 0 ? 4096 : 0));
      machine.Opens(1000, i + 1);
    }
  }
  const json data = DataOf(looked);
  CHECK(data["segments"].size() == kMostShownSegments);
  CHECK(data["segments_total"] == 3000);
  CHECK(data["segments"][0]["holders"].size() == kMostShownHolders);
  CHECK(data["segments"][0]["holders_total"] == 100);
  CHECK(data["tags"].size() == kMostShownTags);
  CHECK(data["tags_total"] == 3000);
  CHECK(data["chart"]["tags"].size() == kMostChartTags);
  CHECK(data["verdicts"].size() <= kMostShownVerdicts);
  CHECK(data["flow"].size() <= 100);
}

TEST_CASE("serve: names that are no UTF-8 reach the page as JSON all the same") {
  Looked looked;
  MadeUp& machine = looked.Next();
  machine.Runs(10, "\xff\x1b[2J");
  machine.Has(1, "\xc3\x28</script>", 4096);
  machine.Maps(10, 1);
  const json data = DataOf(looked);
  CHECK(data["segments"][0]["name"] == "\xef\xbf\xbd(</script>");
}

struct Told {
  std::string name;  // with its labels
  std::string tag;   // as it stands in the text; empty: none
  double value = 0;
};

// Fails the test for whatever Prometheus would not take.
std::vector<Told> Parse(const std::string& text) {
  static const std::regex line_format(
      R"re((memtrack_[a-z_]+(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})?) (-?[0-9.e+]+))re");
  static const std::regex tag_format(R"re(tag="((?:[^"\\]|\\.)*)")re");
  std::set<std::string> seen;
  std::set<std::string> typed;
  std::vector<Told> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# TYPE ")) {
      const std::size_t end = line.find(' ', 7);
      CHECK(typed.insert(line.substr(7, end - 7)).second);
    }
    if (line.starts_with("# ")) continue;
    std::smatch parts;
    REQUIRE(std::regex_match(line, parts, line_format));
    Told one = {parts[1], "", std::stod(parts[3])};
    CHECK(seen.insert(one.name).second);
    CHECK(typed.contains(one.name.substr(0, one.name.find('{'))));
    const std::string labels = parts[2];
    if (std::smatch tag; std::regex_search(labels, tag, tag_format)) one.tag = tag[1];
    all.push_back(one);
  }
  return all;
}

double ValueOf(const std::vector<Told>& all, const std::string& name) {
  const auto at = std::ranges::find(all, name, &Told::name);
  CAPTURE(name);
  REQUIRE(at != all.end());
  return at->value;
}

TEST_CASE("serve: Prometheus is told sums, tags, and what is wrong") {
  Looked looked;
  Leak(looked, 12);
  Metrics metrics;
  const auto all = Parse(metrics.TextOf(looked.pass(), {12, 3, "", 1}));
  CHECK(ValueOf(all, "memtrack_bytes{kind=\"memfd\"}") == (1 << 20) + 16 * 65536);
  CHECK(ValueOf(all, "memtrack_bytes{kind=\"sysv\"}") == 0);
  CHECK(ValueOf(all, "memtrack_segments{kind=\"memfd\"}") == 17);
  CHECK(ValueOf(all, "memtrack_tag_bytes{tag=\"leaky\"}") == 16 * 65536);
  CHECK(ValueOf(all, "memtrack_tag_segments{tag=\"leaky\"}") == 16);
  CHECK(ValueOf(all, "memtrack_tag_bytes{tag=\"other\"}") == 0);
  CHECK(ValueOf(all, "memtrack_verdicts{finding=\"growth\",severity=\"leak\"}") == 1);
  CHECK(ValueOf(all, "memtrack_verdicts{finding=\"ghosts\",severity=\"leak\"}") == 0);
  CHECK(ValueOf(all, "memtrack_processes{seen=\"read\"}") == 1);
  CHECK(ValueOf(all, "memtrack_passes_total") == 12);
  CHECK(ValueOf(all, "memtrack_pass_failures_total") == 3);
}

TEST_CASE("serve: whatever memory is called, the number of series is bounded, and sums are whole") {
  Metrics metrics;
  std::set<std::string> ever;
  for (char generation = 'a'; generation < 'a' + 20; ++generation) {
    Looked looked;
    MadeUp& machine = looked.Next();
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string name =
          std::string(1, generation) + std::string(1 + i % 14, 'x') + std::string(1 + i / 14, 'y');
      machine.Has(i + 1, name, 4096 * (1 + i % 7));
    }
    const Pass pass = looked.pass();
    const auto all = Parse(metrics.TextOf(pass, {}));
    std::size_t tags = 0;
    double sum = 0;
    for (const Told& one : all) {
      if (!one.name.starts_with("memtrack_tag_bytes")) continue;
      ++tags;
      sum += one.value;
      ever.insert(one.tag);
    }
    CHECK(tags <= Metrics::kMostTags + 1);
    CHECK(sum == static_cast<double>(pass.last().bytes));
  }
  CHECK(ever.size() > Metrics::kMostTags);
  CHECK(ever.size() <= Metrics::kMostNames + 1);
}

TEST_CASE("serve: names of any sort are labels that Prometheus takes, each once") {
  Looked looked;
  MadeUp& machine = looked.Next();
  std::uint64_t inode = 0;
  for (const char* name : {"other", "a\"b", "a\\b", "a\nb", "\xff\xfe", "a\x1b[2J", "} 1\nevil 2",
                           "\xc3\xa4", "a\\nb"}) {
    machine.Has(++inode, name, 4096);
  }
  machine.Has(++inode, std::string(4000, 'x'), 4096);
  machine.Has(++inode, std::string(4001, 'x'), 4096);
  Metrics metrics;
  const auto all = Parse(metrics.TextOf(looked.pass(), {}));
  CHECK(ValueOf(all, "memtrack_tag_bytes{tag=\"other\"}") == 4096);
  CHECK(ValueOf(all, "memtrack_tag_bytes{tag=\"" + std::string(Metrics::kMostLetters, 'x') +
                         "\"}") == 2 * 4096);
  double sum = 0;
  for (const Told& one : all) {
    if (one.name.starts_with("memtrack_tag_segments")) sum += one.value;
  }
  CHECK(sum == static_cast<double>(inode));
}

TEST_CASE("serve: a pass that fails leaves what was seen, and is said") {
  Looked looked;
  Leak(looked, 3);
  int passes = 0;
  Sampler sampler(
      [&]() -> baton::Result<Pass> {
        if (++passes == 2) return baton::Fail(std::make_error_code(std::errc::too_many_files_open));
        return looked.pass();
      },
      1);
  REQUIRE(sampler.Look());
  const Text first = sampler.Data();
  CHECK(first == sampler.Data());  // made once
  CHECK_FALSE(sampler.Look());
  const json data = json::parse(*sampler.Data());
  CHECK(data["watch"]["failures"] == 1);
  CHECK(data["watch"]["failure"] == "Too many open files");
  CHECK(data["segments"] == json::parse(*first)["segments"]);
  CHECK(ValueOf(Parse(*sampler.MetricsText()), "memtrack_pass_failures_total") == 1);
  REQUIRE(sampler.Look());
  CHECK(json::parse(*sampler.Data())["watch"]["failure"] == "");
}

}  // namespace
}  // namespace memtrack::testing
