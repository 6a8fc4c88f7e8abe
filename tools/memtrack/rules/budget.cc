#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Segments of each tag, by model.
std::map<std::string, std::vector<double>> CountsOf(const Course& course) {
  std::map<std::string, std::vector<double>> counts;
  for (std::size_t i = 0; i < course.models().size(); ++i) {
    for (const TagUse& tag : course.models()[i].tags) {
      std::vector<double>& values = counts[tag.tag];
      values.resize(course.models().size());
      values[i] = tag.segments;
    }
  }
  return counts;
}

}  // namespace

// The middle of the first third against that of the last: a burst at one end is no growth.
std::vector<Verdict> FindOverBudget(const Course& course, const RuleOptions& options) {
  std::vector<Verdict> verdicts;
  if (options.max_growth.empty() || course.models().size() < options.least_samples) return verdicts;
  const std::size_t third = std::max<std::size_t>(course.models().size() / 3, 1);
  for (const auto& [tag, counts] : CountsOf(course)) {
    auto budget = options.max_growth.find(tag);
    if (budget == options.max_growth.end()) budget = options.max_growth.find("*");
    if (budget == options.max_growth.end()) continue;
    const auto part = static_cast<std::ptrdiff_t>(third);
    const double before = MedianOf({counts.begin(), counts.begin() + part});
    const double now = MedianOf({counts.end() - part, counts.end()});
    if (now - before <= budget->second) continue;
    Verdict verdict;
    verdict.finding = Finding::kOverBudget;
    verdict.tag = tag;
    verdict.evidence = {
        {"segments_before", before}, {"segments_now", now}, {"allowed", budget->second}};
    verdict.text = fmt::format("{} has gained {:.0f} segments, {:.0f} to {:.0f}; {:g} are allowed",
                               tag, now - before, before, now, budget->second);
    verdict.advice = "`memtrack grid --tag` shows who holds which";
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace memtrack
