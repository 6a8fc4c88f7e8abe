#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/rules/samples.h"

namespace memtrack {
namespace {

constexpr double kNanosInMinute = 60e9;

// Segments of one tag that the same processes hold.
using Group = std::pair<std::string, std::vector<ProcessKey>>;

// How much of what grows, and by which measure it was seen.
struct Seen {
  std::optional<Growth> segments;
  std::optional<Growth> bytes;
  std::size_t since() const { return segments ? segments->since : bytes->since; }
};

std::vector<ProcessKey> HoldersOf(const Model& model, const SegmentUse& use) {
  std::vector<ProcessKey> keys;
  for (const Holder& holder : use.holders) {
    keys.push_back(model.processes[holder.process].process.key);
  }
  return keys;
}

// By tag and holders, and by tag alone (no holders).
SamplesBy<Group> SamplesOf(const Course& course) {
  SamplesBy<Group> groups(course.models());
  for (std::size_t i = 0; i < course.models().size(); ++i) {
    const Model& model = course.models()[i];
    for (const TagUse& tag : model.tags) {
      groups.Add({tag.tag, {}}, i, tag.segments, static_cast<double>(tag.bytes));
    }
    for (const SegmentUse& use : model.segments) {
      if (use.holders.empty()) continue;
      groups.Add({use.tag, HoldersOf(model, use)}, i, 1, static_cast<double>(use.bytes));
    }
  }
  return groups;
}

std::optional<Seen> Look(const Samples& samples, const RuleOptions& options) {
  const Seen seen = {
      FindGrowth(samples.counts, {options.least_samples, options.segments_per_minute,
                                  options.least_segments_gained}),
      FindGrowth(samples.bytes,
                 {options.least_samples, options.bytes_per_minute, options.least_bytes_gained}),
  };
  if (!seen.segments && !seen.bytes) return std::nullopt;
  return seen;
}

// Of those that hold pieces of a tag, the three that hold most.
std::vector<ProcessKey> MainHolders(const Model& model, const std::string& tag) {
  std::map<std::size_t, int> counts;
  for (const SegmentUse& use : model.segments) {
    if (use.tag != tag) continue;
    for (const Holder& holder : use.holders) ++counts[holder.process];
  }
  std::vector<std::pair<int, std::size_t>> order;
  for (const auto& [process, count] : counts) order.push_back({-count, process});
  std::ranges::sort(order);
  std::vector<ProcessKey> keys;
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 3); ++i) {
    keys.push_back(model.processes[order[i].second].process.key);
  }
  return keys;
}

// The one who has made most of the group's segments; where that is not known of any of them, most
// of the tag's.
std::optional<ProcessKey> MainCreator(const Course& course, const Group& group) {
  std::map<ProcessKey, int> counts;
  for (const SegmentUse& use : course.last().segments) {
    if (use.tag != group.first) continue;
    if (!group.second.empty() && HoldersOf(course.last(), use) != group.second) continue;
    if (const auto creator = course.CreatorOf(use)) ++counts[*creator];
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  if (most != counts.end()) return most->first;
  return course.MakerOf(group.first, group.second);
}

std::string AdviceFor(const Course& course, const Group& group) {
  const auto creator = MainCreator(course, group);
  const std::string maker =
      creator ? Named(course.last(), *creator) + " makes them" : "who makes them is not known";
  if (group.second.size() == 2) {
    return maker +
           "; both sides keep every one, so the side that makes them never says that it is "
           "done: look for the missing destroy or Dealloc there";
  }
  if (group.second.size() == 1) {
    const std::string holder = NamedAll(course.last(), group.second);
    if (creator && *creator != group.second.front()) {
      return fmt::format(
          "{} and lets go of them, and {} does not: look for the missing destroy or Dealloc in the "
          "former, then for the missing unmap in the latter",
          maker, holder);
    }
    return maker + ", and nobody else holds them: look for the missing unmap or close in " + holder;
  }
  return maker + "; `memtrack grid --tag` shows who holds which";
}

Verdict Judged(const Course& course, const Group& group, const Samples& samples, const Seen& seen) {
  const Model& last = course.last();
  const std::size_t since = seen.since();
  const double minutes = samples.counts.back().minutes - samples.counts[since].minutes;
  const double count_slope = TheilSenSlope(samples.counts);
  const double byte_slope = TheilSenSlope(samples.bytes);
  Verdict verdict;
  verdict.finding = group.second.size() == 2 ? Finding::kSharedGrowth : Finding::kGrowth;
  verdict.tag = group.first;
  verdict.processes = group.second.empty() ? MainHolders(last, group.first) : group.second;
  verdict.evidence = {{"segments_before", samples.counts[since].value},
                      {"segments_now", samples.counts.back().value},
                      {"bytes_before", samples.bytes[since].value},
                      {"bytes_now", samples.bytes.back().value},
                      {"segments_per_minute", count_slope},
                      {"bytes_per_minute", byte_slope},
                      {"seconds", minutes * 60}};
  verdict.text = fmt::format(
      "{} grows: {:.0f} to {:.0f} segments, {} to {} in {} ({:+.1f} segments/min, {}/min), since "
      "{}, held by {}",
      group.first, samples.counts[since].value, samples.counts.back().value,
      Human(WholeNumber<std::uint64_t>(samples.bytes[since].value)),
      Human(WholeNumber<std::uint64_t>(samples.bytes.back().value)),
      Lasting(WholeNumber<std::int64_t>(minutes * kNanosInMinute)), count_slope,
      HumanChange(WholeNumber<std::int64_t>(byte_slope)),
      ClockTime(course.models()[since].taken_at), NamedAll(last, verdict.processes));
  verdict.advice = AdviceFor(course, group);
  for (const SegmentUse& use : last.segments) {
    if (verdict.segments.size() == kMostExamples) break;
    const bool is_of_group =
        use.tag == group.first && (group.second.empty() || HoldersOf(last, use) == group.second);
    if (is_of_group) verdict.segments.push_back(use.segment.key);
  }
  return verdict;
}

}  // namespace

std::vector<Verdict> FindGrowingTags(const Course& course, const RuleOptions& options) {
  std::vector<Verdict> verdicts;
  if (course.models().size() < options.least_samples) return verdicts;
  const SamplesBy<Group> groups = SamplesOf(course);
  std::set<std::string> explained;
  for (const auto& [group, samples] : groups.all()) {
    if (group.second.empty()) continue;
    if (const auto seen = Look(samples, options)) {
      verdicts.push_back(Judged(course, group, samples, *seen));
      explained.insert(group.first);
    }
  }
  for (const auto& [group, samples] : groups.all()) {
    if (!group.second.empty() || explained.contains(group.first)) continue;
    if (const auto seen = Look(samples, options)) {
      verdicts.push_back(Judged(course, group, samples, *seen));
    }
  }
  return verdicts;
}

}  // namespace memtrack
