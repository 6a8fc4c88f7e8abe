// Recordings that are damaged, or made to do damage: nothing in them is believed.
#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/must.h"
#include "tests/unit/tools/memtrack/report/random_snapshot.h"
#include "tests/unit/tools/memtrack/report/read_recording.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/record/recording_writer.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/tables.h"
#include "tools/memtrack/view/verdict_text.h"
#include "tools/memtrack/view/why.h"

namespace memtrack::testing {
namespace {

using baton::testing::Must;

// All that memtrack does with what it has read: sums, verdicts, and every sort of output.
std::size_t MakeMuchOf(const std::vector<Snapshot>& snapshots) {
  std::vector<Model> models;
  const Share share = snapshots.size() % 2 == 0 ? Share::kOwner : Share::kProportional;
  for (const Snapshot& snapshot : snapshots) models.push_back(BuildModel(snapshot, share));
  if (models.empty()) return 0;
  const Model& last = models.back();
  const Course course(models);
  RuleOptions rules;
  rules.least_samples = 2;
  rules.max_growth["*"] = 0;
  const auto verdicts = Judge(course, rules);
  TableOptions options;
  options.has_totals = true;
  std::string text = PassText(models.front(), last) + CoverageText(last);
  for (const Verdict& verdict : verdicts) text += VerdictText(verdict);
  for (const Table& table :
       {ProcessTable(last, options), SegmentTable(last, options), TagTable(models, options),
        DiffTable(models.front(), last, options), GridTables(last, options, 80).front()}) {
    text += RenderText(table, 80) + RenderCsv(table);
  }
  for (const SegmentUse& use : last.segments) {
    text += WhySegment(course, verdicts, use.segment.key.inode);
  }
  for (const ProcessUse& use : last.processes) {
    text += WhyProcess(course, verdicts, use.process.key.pid);
  }
  text += JsonText(SegmentsJson(last, {})) + JsonText(VerdictsJson(models, verdicts));
  return text.size();
}

// Cut off anywhere, and with a byte changed anywhere: an answer, whichever, and what is read does
// no harm. The sanitizers watch.
TEST_CASE("memtrack: a damaged recording is read or refused") {
  const std::string whole =
      RecordingHeader() + RecordingLine(RandomSnapshot(11)) + RecordingLine(RandomSnapshot(12));
  for (std::size_t size = 0; size + 1 < RecordingHeader().size(); ++size) {
    CHECK_FALSE(ReadText(whole.substr(0, size)).has_value());
  }
  std::mt19937 random(5);
  std::size_t answers = 0;
  constexpr std::size_t kDamages = 2000 / BATON_TEST_SLOWNESS;
  for (std::size_t i = 0; i < kDamages; ++i) {
    std::string text = whole;
    const std::size_t at = random() % text.size();
    // A digit more often than not: numbers are what goes on into the sums.
    text[at] = static_cast<char>(random() % 2 == 0 ? '0' + random() % 10 : random() % 256);
    const auto result = ReadText(text);
    answers += !result || MakeMuchOf(*result) > 0 ? 1 : 0;
  }
  CHECK(answers == kDamages);
}

// The largest, the smallest and the oddest number that each cell takes.
TEST_CASE("memtrack: extreme numbers in a recording do no harm") {
  constexpr auto kMost64 = std::numeric_limits<std::uint64_t>::max();
  const std::int64_t born = GENERATE(std::numeric_limits<std::int64_t>::min(), -1,
                                     std::numeric_limits<std::int64_t>::max());
  const std::int64_t between =
      GENERATE(std::int64_t{0}, 1, std::numeric_limits<std::int64_t>::max());
  const std::int64_t booted = GENERATE(std::int64_t{0}, std::numeric_limits<std::int64_t>::max());
  std::string text = RecordingHeader();
  for (std::uint64_t pass = 0; pass < 3; ++pass) {
    Snapshot snapshot;
    snapshot.since_boot = pass == 0 ? 0 : between;
    snapshot.taken_at = booted;
    snapshot.machine.shmem = pass == 0 ? 0 : kMost64 >> 3;
    snapshot.coverage = {~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
    Process& process = snapshot.processes.emplace_back();
    process.key = {std::numeric_limits<int>::max(), kMost64};
    for (std::uint64_t inode = 0; inode <= 20 * pass; ++inode) {
      Segment& segment = snapshot.segments.emplace_back();
      segment.key = {kMost64, inode, SegmentKind::kMemfd};
      segment.name = "baton:PImage:4f";
      segment.attributes["creator"] = "2147483647";
      segment.size = segment.allocated = kMost64;
      segment.born = born;
      MappingHold& mapping = snapshot.mappings.emplace_back();
      mapping.segment = segment.key;
      mapping.process = process.key;
      mapping.address = mapping.length = mapping.offset = kMost64;
      InFlightHold& in_flight = snapshot.in_flight.emplace_back();
      in_flight.receiver = process.key;
      in_flight.descriptors = ~0U;
      in_flight.segments = {segment.key};
    }
    text += RecordingLine(snapshot);
  }
  CHECK(MakeMuchOf(Must(ReadText(text))) > 0);
}

}  // namespace
}  // namespace memtrack::testing
