#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/gathered.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

const ProcessKey& KeyOf(const Model& model, const ClaimUse& one) {
  return model.processes[one.process].process.key;
}

// Which claims of a pass were wrong, and how. Where the same entry, not touched since, is as wrong
// in the next pass, nothing is on its way. A set: a liar may say thousands of things of one piece.
using Wrong = std::tuple<SegmentKey, ProcessKey, std::uint64_t, Doubt>;

Wrong WrongOf(const Model& model, const ClaimUse& one) {
  return {one.claim.segment, KeyOf(model, one), one.claim.sequence, one.doubt};
}

std::set<Wrong> AllWrong(const Model& model) {
  std::set<Wrong> wrong;
  const auto add = [&](const std::vector<ClaimUse>& claims) {
    for (const ClaimUse& one : claims) {
      if (one.doubt != Doubt::kNone) wrong.insert(WrongOf(model, one));
    }
  };
  for (const SegmentUse& use : model.segments) add(use.claims);
  add(model.unknown_claims);
  return wrong;
}

std::string_view Says(Doubt doubt) {
  switch (doubt) {
    case Doubt::kNone: return "nothing wrong";
    case Doubt::kNotHeld: return "it has it mapped, the kernel that it does not hold it";
    case Doubt::kRevoked: return "it owns it, the kernel that it cannot touch it";
    case Doubt::kWithin: return "it has handed it over, the kernel that it can touch it";
    case Doubt::kTwoOwners: return "it owns it, and so does that of another";
  }
  return "";
}

constexpr std::string_view kAdvice =
    "the kernel is right; the program's accounts of Baton's memory are broken, or it lies: "
    "memtrack why shows each piece";

Verdict VerdictOn(const Course& course, Doubt doubt, const GatheredByTag::value_type& entry) {
  Verdict verdict = VerdictAbout(Finding::kDisagreement, entry);
  verdict.severity = Severity::kRisk;
  verdict.text = fmt::format("{} of {}: the registry of {} says that {}",
                             Counted(entry.second.segments, "segment"), verdict.tag,
                             NamedAll(course.last(), verdict.processes), Says(doubt));
  verdict.advice = kAdvice;
  return verdict;
}

// Of memory that nobody has seen there is nothing but its number.
void AddUnknown(const Course& course, const std::set<Wrong>& before,
                std::vector<Verdict>& verdicts) {
  std::map<ProcessKey, std::uint64_t> counts;
  for (const ClaimUse& one : course.last().unknown_claims) {
    if (before.contains(WrongOf(course.last(), one))) ++counts[KeyOf(course.last(), one)];
  }
  for (const auto& [process, count] : counts) {
    Verdict verdict;
    verdict.finding = Finding::kDisagreement;
    verdict.severity = Severity::kRisk;
    verdict.processes = {process};
    verdict.evidence = {{"segments", static_cast<double>(count)}};
    verdict.text = fmt::format("the registry of {} says that it has {} which nobody holds",
                               Named(course.last(), process), Counted(count, "segment"));
    verdict.advice = kAdvice;
    verdicts.push_back(std::move(verdict));
  }
}

}  // namespace

std::vector<Verdict> FindDisagreements(const Course& course, const RuleOptions&) {
  std::vector<Verdict> verdicts;
  const Model* const before = course.previous();
  if (before == nullptr) return verdicts;
  const std::set<Wrong> wrong_before = AllWrong(*before);
  std::map<std::pair<Doubt, ProcessKey>, GatheredByTag> found;
  for (const SegmentUse& use : course.last().segments) {
    const SegmentUse* const earlier = FindSegment(*before, use.segment.key);
    if (earlier == nullptr || !IsSameSegment(earlier->segment, use.segment)) continue;
    for (const ClaimUse& one : use.claims) {
      if (!wrong_before.contains(WrongOf(course.last(), one))) continue;
      const ProcessKey& process = KeyOf(course.last(), one);
      found[{one.doubt, process}][{use.tag, {process}}].Add(course, use);
    }
  }
  for (const auto& [what, gathered] : found) {
    for (const auto& entry : gathered) verdicts.push_back(VerdictOn(course, what.first, entry));
  }
  AddUnknown(course, wrong_before, verdicts);
  return verdicts;
}

}  // namespace memtrack
