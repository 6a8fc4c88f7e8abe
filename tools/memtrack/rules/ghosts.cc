#include <fmt/format.h>

#include <algorithm>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {

// The least of the newest third against the most of the first: what was never explained (drivers,
// other namespaces) is no news, and what comes up while the scan runs is a ghost for one pass. The
// kernel counts in batches, so some 100 KiB are noise.
std::vector<Verdict> FindGhosts(const Course& course, const RuleOptions& options) {
  const auto models = course.models();
  if (models.size() < 3) return {};
  const auto ghosts_of = [](const Model& model) { return model.machine.ghosts(); };
  const std::size_t third = models.size() / 3;
  const std::int64_t baseline =
      ghosts_of(*std::ranges::max_element(models.first(third), {}, ghosts_of));
  const std::int64_t least = ghosts_of(
      *std::ranges::min_element(models.last(std::max<std::size_t>(third, 2)), {}, ghosts_of));
  const std::int64_t now = Difference(least, baseline);
  if (now < options.ghost_bytes) return {};
  const bool is_partial = course.last().coverage.denied > 0;
  Verdict verdict;
  verdict.finding = Finding::kGhosts;
  verdict.severity = is_partial ? Severity::kRisk : Severity::kLeak;
  verdict.evidence = {{"bytes_gained", static_cast<double>(now)},
                      {"bytes_at_first", static_cast<double>(baseline)},
                      {"processes_denied", static_cast<double>(course.last().coverage.denied)}};
  verdict.text = fmt::format("{} of shared memory more than at {} belong to nothing that was seen",
                             Human(static_cast<std::uint64_t>(now)),
                             ClockTime(course.models().front().taken_at));
  verdict.advice =
      is_partial ? fmt::format("{} processes did not let us look: try again as root",
                               course.last().coverage.denied)
                 : "it lies in a socket that we may not look into, in an io_uring, in a driver, or "
                   "in another namespace";
  return {verdict};
}

}  // namespace memtrack
