#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

std::string_view WordOf(Finding finding) {
  switch (finding) {
    case Finding::kGrowth: return "growth";
    case Finding::kSharedGrowth: return "shared-growth";
    case Finding::kOverBudget: return "over-budget";
    case Finding::kReceiverOnly: return "receiver-only";
    case Finding::kOrphaned: return "orphaned";
    case Finding::kDescriptorOnly: return "descriptor-only";
    case Finding::kInFlight: return "in-flight";
    case Finding::kMultiplied: return "multiplied";
    case Finding::kInherited: return "inherited";
    case Finding::kSparse: return "sparse";
    case Finding::kPastEnd: return "past-end";
    case Finding::kUnsealed: return "unsealed";
    case Finding::kGhosts: return "ghosts";
    case Finding::kDisagreement: return "disagreement";
  }
  return "unknown";
}

std::string_view WordOf(Severity severity) {
  return severity == Severity::kLeak ? "leak" : "risk";
}

bool IsSameMatter(const Verdict& a, const Verdict& b) {
  if (a.finding != b.finding || a.tag != b.tag) return false;
  if (a.finding == Finding::kMultiplied) {
    return a.segments == b.segments && a.processes == b.processes;
  }
  // Who holds most of a tag that many hold may change from one pass to the next.
  return a.finding == Finding::kGrowth || a.processes == b.processes;
}

}  // namespace memtrack
