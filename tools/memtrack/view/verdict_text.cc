#include "tools/memtrack/view/verdict_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"

namespace memtrack {

std::string VerdictText(const Verdict& verdict) {
  return fmt::format("{} {}: {}\n     {}\n", WordOf(verdict.severity), WordOf(verdict.finding),
                     Displayable(verdict.text), Displayable(verdict.advice));
}

std::string SummaryText(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return "nothing leaks";
  const auto leaks =
      static_cast<std::uint64_t>(std::ranges::count(verdicts, Severity::kLeak, &Verdict::severity));
  return fmt::format("{}, {}", Counted(leaks, "leak"), Counted(verdicts.size() - leaks, "risk"));
}

std::string PassText(const Model& first, const Model& model) {
  const std::int64_t change = Difference(Signed(model.bytes), Signed(first.bytes));
  const std::int64_t ghosts = Difference(model.machine.ghosts(), first.machine.ghosts());
  return fmt::format("{}  {:>5} segments  {:>10}  {:>11}  ghosts {}\n", ClockTime(model.taken_at),
                     model.segments.size(), Human(model.bytes), HumanChange(change),
                     HumanChange(ghosts));
}

std::string CoverageText(const Model& model) {
  const Coverage& coverage = model.coverage;
  if (!coverage.is_partial() && coverage.closed_sockets == 0) return "";
  std::string text = fmt::format("seen: {} of {} processes", coverage.read,
                                 std::uint64_t{coverage.read} + coverage.denied);
  if (coverage.denied > 0) {
    std::vector<ProcessKey> unread;
    for (const ProcessUse& use : model.processes) {
      if (!use.process.is_readable) unread.push_back(use.process.key);
    }
    text += fmt::format(", {} denied", coverage.denied);
    if (!unread.empty()) text += ": " + NamedAll(model, unread);
  }
  if (coverage.unsized_segments > 0) {
    text += fmt::format("; the size of {} is estimated (~)",
                        Counted(coverage.unsized_segments, "segment"));
  }
  if (coverage.closed_sockets > 0) {
    text += fmt::format("; not looked into: {} with descriptors in flight",
                        Counted(coverage.closed_sockets, "socket"));
  }
  if (coverage.other_mount_namespaces > 0) {
    text += fmt::format("; the tmpfs of {} are not in the ghosts",
                        Counted(coverage.other_mount_namespaces, "other mount namespace"));
  }
  return text + "; `man memtrack` says who sees more\n";
}

}  // namespace memtrack
