#include "tools/memtrack/serve/flow.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

using Ends = std::tuple<std::string, std::string, std::string>;  // creator, tag, holder

struct Weight {
  std::uint64_t bytes = 0;
  std::uint32_t segments = 0;
};

using Weights = std::map<Ends, Weight>;

std::vector<std::string> HoldersOf(const Model& model, const SegmentUse& use) {
  std::vector<std::string> names;
  for (const Holder& holder : use.holders) {
    names.push_back(Named(model.processes[holder.process].process));
  }
  if (!names.empty()) return names;
  for (const std::size_t receiver : use.in_flight_to) {
    names.push_back("on its way to " + Named(model.processes[receiver].process));
  }
  if (names.empty()) names.emplace_back("nobody");
  return names;
}

Weights WeightsOf(const Course& course, const std::vector<std::string>& tags) {
  Weights weights;
  for (const SegmentUse& use : course.last().segments) {
    const std::vector<std::string> holders = HoldersOf(course.last(), use);
    const bool is_own = std::ranges::find(tags, use.tag) != tags.end();
    const std::string creator = CreatorLabel(course, use);
    const std::uint64_t part = use.bytes / holders.size();
    std::uint64_t rest = use.bytes % holders.size();
    for (const std::string& holder : holders) {
      Weight& weight = weights[{creator, is_own ? use.tag : kOtherTags, holder}];
      weight.bytes += part + (rest > 0 ? 1 : 0);
      if (rest > 0) --rest;
      ++weight.segments;
    }
  }
  return weights;
}

// The `most` names with the greatest sums.
template <std::size_t kEnd>
std::set<std::string> Largest(const Weights& weights, std::size_t most) {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& [ends, weight] : weights) sums[std::get<kEnd>(ends)] += weight.bytes;
  std::vector<std::pair<std::uint64_t, std::string>> ranks;
  for (const auto& [name, sum] : sums) ranks.emplace_back(sum, name);
  std::ranges::sort(ranks, std::greater());
  std::set<std::string> largest;
  for (std::size_t i = 0; i < std::min(most, ranks.size()); ++i) largest.insert(ranks[i].second);
  return largest;
}

}  // namespace

std::string CreatorLabel(const Course& course, const SegmentUse& use) {
  const auto creator = course.CreatorOf(use);
  if (!creator) return "not known";
  const std::string name = Named(course.last(), *creator);
  return IsAlive(course.last(), *creator) ? name : name + ", ended";
}

std::vector<FlowLink> FlowOf(const Course& course, const std::vector<std::string>& tags) {
  const Weights weights = WeightsOf(course, tags);
  const auto creators = Largest<0>(weights, kMostFlowCreators);
  const auto holders = Largest<2>(weights, kMostFlowHolders);
  Weights bounded;
  for (const auto& [ends, weight] : weights) {
    auto [creator, tag, holder] = ends;
    if (!creators.contains(creator)) creator = kOtherProcesses;
    if (!holders.contains(holder)) holder = kOtherProcesses;
    Weight& sum = bounded[{creator, tag, holder}];
    sum.bytes += weight.bytes;
    sum.segments += weight.segments;
  }
  std::vector<FlowLink> links;
  for (const auto& [ends, weight] : bounded) {
    const auto& [creator, tag, holder] = ends;
    links.push_back({creator, tag, holder, weight.bytes, weight.segments});
  }
  std::ranges::stable_sort(links, std::greater(), &FlowLink::bytes);
  return links;
}

}  // namespace memtrack
