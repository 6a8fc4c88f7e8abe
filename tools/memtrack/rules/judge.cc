#include <algorithm>
#include <tuple>

#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

constexpr auto kRules = {
    FindGrowingTags,   FindOverBudget, FindReceiverOnly,  FindOrphaned, FindDescriptorOnly,
    FindStuckInFlight, FindMultiplied, FindInherited,     FindSparse,   FindPastEnd,
    FindUnsealed,      FindGhosts,     FindDisagreements,
};

}  // namespace

std::vector<Verdict> Judge(std::span<const Model> models, const RuleOptions& options) {
  if (models.empty()) return {};
  return Judge(Course(models), options);
}

std::vector<Verdict> Judge(const Course& course, const RuleOptions& options) {
  std::vector<Verdict> verdicts;
  if (course.models().size() < 2) return verdicts;
  for (const auto rule : kRules) {
    for (Verdict& verdict : rule(course, options)) verdicts.push_back(std::move(verdict));
  }
  std::ranges::stable_sort(verdicts, [](const Verdict& a, const Verdict& b) {
    return std::tie(b.severity, a.finding, a.tag) < std::tie(a.severity, b.finding, b.tag);
  });
  return verdicts;
}

bool HasLeak(const std::vector<Verdict>& verdicts) {
  return std::ranges::count(verdicts, Severity::kLeak, &Verdict::severity) > 0;
}

}  // namespace memtrack
