#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "tools/memtrack/cli/passes.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack {
namespace {

// Says what is new since the last pass.
void TellNews(const std::vector<Verdict>& verdicts, std::vector<Verdict>& told,
              Surroundings& surroundings) {
  for (const Verdict& verdict : verdicts) {
    const bool is_told =
        std::ranges::any_of(told, [&](const Verdict& one) { return IsSameMatter(one, verdict); });
    if (is_told) continue;
    surroundings.out << VerdictText(verdict);
    told.push_back(verdict);
  }
}

// A budget for what there never was is a slip of the pen more often than not.
void TellUnmatched(const WatchCommand& command, const std::set<std::string>& seen,
                   Surroundings& surroundings) {
  for (const auto& [tag, allowed] : command.max_growth) {
    if (tag == "*" || seen.contains(tag)) continue;
    surroundings.err << fmt::format("memtrack: --max-growth: no memory of tag `{}` was seen\n",
                                    Displayable(tag));
  }
}

// What holds at the end decides: a cache that was warming up in between is forgiven.
int Conclude(const WatchCommand& command, const Series& series, std::size_t passes,
             const std::vector<Verdict>& verdicts, Surroundings& surroundings) {
  const auto models = series.models();
  if (command.view.format == Format::kJson) {
    surroundings.out << JsonText(VerdictsJson(models, verdicts));
  } else {
    const std::int64_t nanos = Difference(models.back().clock, models.front().clock);
    surroundings.out << fmt::format("{} in {}: {}\n",
                                    passes == 1 ? "1 pass" : fmt::format("{} passes", passes),
                                    Lasting(nanos), SummaryText(verdicts));
    for (const Verdict& verdict : verdicts) surroundings.out << VerdictText(verdict);
    surroundings.err << CoverageText(models.back());
  }
  if (HasLeak(verdicts)) return kExitLeak;
  return models.back().coverage.is_partial() ? kExitPartial : kExitClean;
}

}  // namespace

int Run(const WatchCommand& command, Surroundings& surroundings) {
  RuleOptions rules;
  rules.max_growth = command.max_growth;
  auto passes = Passes::Open(command.source, surroundings);
  if (!passes) return kExitUsage;
  const bool tells_all = command.view.format == Format::kText && !command.only_verdicts;
  Series series;
  std::vector<Verdict> verdicts;
  std::vector<Verdict> told;
  std::set<std::string> tags;
  std::size_t count = 0;
  for (std::optional<Snapshot> snapshot;;) {
    if (!passes->Next(snapshot)) return kExitUsage;
    if (!snapshot) break;
    ++count;
    series.Add(BuildModel(*std::move(snapshot), command.view.share));
    for (const TagUse& tag : series.models().back().tags) tags.insert(tag.tag);
    if (!tells_all) continue;
    const auto models = series.models();
    verdicts = Judge(series.course(), rules);
    surroundings.out << PassText(models.front(), models.back());
    TellNews(verdicts, told, surroundings);
    surroundings.out.flush();
    if (!surroundings.out) break;  // nobody reads any more
  }
  if (!tells_all) verdicts = Judge(series.course(), rules);
  TellUnmatched(command, tags, surroundings);
  return Conclude(command, series, count, verdicts, surroundings);
}

}  // namespace memtrack
