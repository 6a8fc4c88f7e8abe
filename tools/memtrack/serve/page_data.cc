#include "tools/memtrack/serve/page_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "tools/memtrack/rules/course.h"
#include "tools/memtrack/serve/flow.h"
#include "tools/memtrack/view/json_view.h"

namespace memtrack {
namespace {

using Json = nlohmann::ordered_json;

void Shorten(Json& rows, std::size_t most) {
  if (rows.size() > most) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(most), rows.end());
}

// Tags that a leak is said of: the chart shows these whatever their size.
std::set<std::string> LeakingTags(const std::vector<Verdict>& verdicts) {
  std::set<std::string> tags;
  for (const Verdict& verdict : verdicts) {
    if (verdict.severity == Severity::kLeak && !verdict.tag.empty()) tags.insert(verdict.tag);
  }
  return tags;
}

Json ChartJson(const Chart& chart) {
  Json times = Json::array();
  for (const std::int64_t time : chart.times) times.push_back(time / 1'000'000);
  return {{"times_ms", std::move(times)},
          {"tags", chart.tags},
          {"bytes", chart.bytes},
          {"other", chart.other}};
}

Json FlowJson(const Course& course, const std::vector<std::string>& tags) {
  Json json = Json::array();
  for (const FlowLink& link : FlowOf(course, tags)) {
    json.push_back({{"creator", link.creator},
                    {"tag", link.tag},
                    {"holder", link.holder},
                    {"bytes", link.bytes},
                    {"segments", link.segments}});
  }
  return json;
}

// Indices of the largest segments.
std::vector<std::size_t> LargestOf(const Model& model) {
  std::vector<std::size_t> order(model.segments.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shown = std::min(order.size(), kMostShownSegments);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown),
                            std::greater(), [&](std::size_t i) { return model.segments[i].bytes; });
  order.resize(shown);
  return order;
}

// As `segs --json` has them, with what only a course can tell.
Json SegmentRows(const Course& course) {
  const Model& model = course.last();
  Model shown;
  shown.processes = model.processes;
  const std::vector<std::size_t> largest = LargestOf(model);
  for (const std::size_t index : largest) {
    SegmentUse use = model.segments[index];
    use.holders.resize(std::min(use.holders.size(), kMostShownHolders));
    use.in_flight_to.resize(std::min(use.in_flight_to.size(), kMostShownHolders));
    shown.segments.push_back(std::move(use));
  }
  Json rows = SegmentsJson(shown, {})["segments"];
  for (std::size_t i = 0; i < largest.size(); ++i) {
    const SegmentUse& use = model.segments[largest[i]];
    rows[i]["creator"] = CreatorLabel(course, use);
    rows[i]["age_ns"] = course.AgeOf(use);
    rows[i]["holders_total"] = use.holders.size();
  }
  return rows;
}

std::uint64_t HoldingProcesses(const Model& model) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      model.processes, [](const ProcessUse& use) { return use.segments > 0; }));
}

std::uint64_t DescriptorsInFlight(const Model& model) {
  std::uint64_t sum = 0;
  for (const InFlightHold& hold : model.in_flight) sum += hold.descriptors;
  return sum;
}

}  // namespace

std::string PageData(const Pass& pass, const History& history, const WatchState& state) {
  const Model& model = pass.last();
  const Chart chart = history.ChartOf(kMostChartTags, LeakingTags(pass.verdicts));
  Json json = VerdictsJson(pass.course.models(), pass.verdicts);
  json["view"] = "serve";
  json["verdicts_total"] = pass.verdicts.size();
  Shorten(json["verdicts"], kMostShownVerdicts);
  json["watch"] = {{"passes", state.passes},
                   {"failures", state.failures},
                   {"failure", state.failure},
                   {"interval_ms", static_cast<std::int64_t>(state.interval * 1000)}};
  json["processes_holding"] = HoldingProcesses(model);
  json["in_flight"] = DescriptorsInFlight(model);
  json["tags_total"] = model.tags.size();
  json["tags"] = TagsJson(pass.course.models(), {})["tags"];
  Shorten(json["tags"], kMostShownTags);
  json["chart"] = ChartJson(chart);
  json["flow"] = FlowJson(pass.course, chart.tags);
  json["segments_total"] = model.segments.size();
  json["segments"] = SegmentRows(pass.course);
  return JsonText(json);
}

}  // namespace memtrack
