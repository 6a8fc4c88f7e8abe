#include "tools/memtrack/cli/series.h"

#include <cstdint>
#include <iterator>
#include <utility>

#include "tools/memtrack/model/saturating.h"

namespace memtrack {
namespace {

// The one between first and newest without which the gap is smallest. Whichever go, gaps differ by
// a factor of two, as all are filled to the same size before the first of them grows.
std::size_t LeastMissed(std::span<const Model> models) {
  std::size_t least = 1;
  std::int64_t smallest = 0;
  for (std::size_t i = 1; i + Series::kNewest < models.size(); ++i) {
    const std::int64_t gap = Difference(models[i + 1].clock, models[i - 1].clock);
    if (i > 1 && gap >= smallest) continue;
    least = i;
    smallest = gap;
  }
  return least;
}

}  // namespace

void Series::Add(Model model) {
  pasts_.Note(model);
  models_.push_back(std::move(model));
  if (models_.size() <= kMostModels) return;
  models_.erase(std::next(models_.begin(), static_cast<std::ptrdiff_t>(LeastMissed(models_))));
}

}  // namespace memtrack
