#include <fmt/format.h>

#include "compiler/diag/problems.h"
#include "compiler/diff/comparison.h"

namespace batonc {
namespace {

std::string WordsOf(const Lifetime& lifetime) {
  const std::string since = fmt::format("since version {}", lifetime.since);
  return lifetime.removed == 0 ? since : fmt::format("{} until {}", since, lifetime.removed);
}

}  // namespace

std::string PhraseOf(std::string_view noun, std::string_view name, std::string_view owner) {
  return fmt::format("{} `{}` of {}", noun, name, owner);
}

void CompareLifetimes(Comparison& comparison, const LifetimeChange& change, const Lifetime& older,
                      const Lifetime& newer) {
  if (older == newer) return;
  const bool is_removed_now =
      older.since == newer.since && older.removed == 0 && newer.removed > change.older_version;
  if (is_removed_now) {
    comparison.changes.Report(kSourceGone, change.newer_place, change.older_place, change.what);
    return;
  }
  comparison.changes.Report(kWireLifetimeChanged, change.newer_place, change.older_place,
                            change.what, WordsOf(newer), WordsOf(older));
}

bool HasSince(Comparison& comparison, const std::string& what, Span place, const Lifetime& lifetime,
              std::uint32_t older_version) {
  if (lifetime.since > older_version) return true;
  comparison.changes.Report(kWireNoSince, Newer(place), {}, what, std::int64_t{older_version} + 1);
  return false;
}

}  // namespace batonc
