#include <fmt/format.h>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/gathered.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

bool IsMuch(const Gathered& gathered, const RuleOptions& options) {
  return gathered.segments >= options.many || gathered.bytes >= options.many_bytes;
}

const ProcessKey& KeyOf(const Model& model, const Holder& holder) {
  return model.processes[holder.process].process.key;
}

bool IsHeldBy(const Model& model, const SegmentUse& use, const ProcessKey& process) {
  return std::ranges::any_of(use.holders,
                             [&](const Holder& holder) { return KeyOf(model, holder) == process; });
}

// Baton hands memory over: whoever can touch it owns it, whether or not its maker lives.
bool HasNewOwner(const SegmentUse& use) {
  return use.baton && (use.IsWithinReach() || !use.in_flight_to.empty());
}

std::string SegmentsOf(const Gathered& gathered) {
  return fmt::format("{}, {}", Counted(gathered.segments, "segment"), Human(gathered.bytes));
}

}  // namespace

std::vector<Verdict> FindReceiverOnly(const Course& course, const RuleOptions& options) {
  const auto holds = [&](const Model& model, const SegmentUse& use) {
    const auto creator = course.CreatorOf(use);
    return creator && use.holders.size() == 1 && use.in_flight_to.empty() &&
           IsAlive(model, *creator) && !IsHeldBy(model, use, *creator) && !HasNewOwner(use);
  };
  GatheredByTag found;
  course.ForEachTwice(holds, [&](const SegmentUse& use) {
    if (course.AgeOf(use) < options.held_for) return;
    const ProcessKey& receiver = KeyOf(course.last(), use.holders.front());
    found[{use.tag, {receiver, *course.CreatorOf(use)}}].Add(course, use);
  });
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    if (!IsMuch(entry.second, options)) continue;
    Verdict verdict = VerdictAbout(Finding::kReceiverOnly, entry);
    const std::string receiver = Named(course.last(), verdict.processes[0]);
    const std::string creator = Named(course.last(), verdict.processes[1]);
    verdict.text = fmt::format(
        "{} of {} are held by {} alone, the oldest for {}; {} made them and let go",
        SegmentsOf(entry.second), verdict.tag, receiver, Lasting(entry.second.oldest), creator);
    verdict.advice = fmt::format(
        "{} was told to let go and did not, or was not told: look for the missing unmap there; "
        "ending it frees them",
        receiver);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::vector<Verdict> FindOrphaned(const Course& course, const RuleOptions& options) {
  const auto holds = [&](const Model& model, const SegmentUse& use) {
    const auto creator = course.CreatorOf(use);
    return creator && !use.holders.empty() && !IsAlive(model, *creator) && !HasNewOwner(use);
  };
  GatheredByTag found;
  std::map<std::pair<std::string, std::vector<ProcessKey>>, bool> is_batons;
  course.ForEachTwice(holds, [&](const SegmentUse& use) {
    std::vector<ProcessKey> concerned;
    for (const Holder& holder : use.holders) concerned.push_back(KeyOf(course.last(), holder));
    concerned.push_back(*course.CreatorOf(use));
    is_batons[{use.tag, concerned}] = use.baton.has_value();
    found[{use.tag, concerned}].Add(course, use);
  });
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    Verdict verdict = VerdictAbout(Finding::kOrphaned, entry);
    // Whoever starts others may make memory for them and end. Of Baton's nobody is the owner here.
    const bool is_leak = is_batons[entry.first] || IsMuch(entry.second, options);
    verdict.severity = is_leak ? Severity::kLeak : Severity::kRisk;
    const std::vector<ProcessKey> holders(verdict.processes.begin(), verdict.processes.end() - 1);
    verdict.text =
        fmt::format("{} of {}: process {} made them and is gone, {} still {} them",
                    SegmentsOf(entry.second), verdict.tag, verdict.processes.back().pid,
                    NamedAll(course.last(), holders), holders.size() == 1 ? "holds" : "hold");
    verdict.advice = fmt::format(
        "{} has to notice that its peer has died, and let go; ending it "
        "frees them",
        NamedAll(course.last(), holders));
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::vector<Verdict> FindDescriptorOnly(const Course& course, const RuleOptions& options) {
  const auto holds = [](const Model&, const SegmentUse& use) {
    return !use.holders.empty() && use.in_flight_to.empty() &&
           std::ranges::all_of(use.holders, &Holder::has_only_descriptors);
  };
  GatheredByTag found;
  course.ForEachTwice(holds, [&](const SegmentUse& use) {
    if (course.AgeOf(use) < options.held_for) return;
    std::vector<ProcessKey> concerned;
    for (const Holder& holder : use.holders) concerned.push_back(KeyOf(course.last(), holder));
    found[{use.tag, concerned}].Add(course, use);
  });
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    if (!IsMuch(entry.second, options)) continue;
    Verdict verdict = VerdictAbout(Finding::kDescriptorOnly, entry);
    const std::string holders = NamedAll(course.last(), verdict.processes);
    verdict.text =
        fmt::format("{} of {} are open in {} and mapped by nobody, the oldest for {}",
                    SegmentsOf(entry.second), verdict.tag, holders, Lasting(entry.second.oldest));
    verdict.advice = fmt::format(
        "mapping tools do not show these: look in {} for descriptors that are received and not "
        "closed",
        holders);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace memtrack
