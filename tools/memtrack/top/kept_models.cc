#include "tools/memtrack/top/kept_models.h"

#include <utility>

namespace memtrack::top {

void KeptModels::Add(Model model) {
  pasts_.Note(model);
  models_.push_back(std::move(model));
  numbers_.push_back(added_++);
  for (;; step_ *= 2) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < models_.size(); ++i) {
      const bool is_new = numbers_[i] + kNewest >= added_;
      if (!is_new && numbers_[i] % step_ != 0) continue;
      if (kept != i) {
        models_[kept] = std::move(models_[i]);
        numbers_[kept] = numbers_[i];
      }
      ++kept;
    }
    models_.erase(models_.begin() + static_cast<std::ptrdiff_t>(kept), models_.end());
    numbers_.resize(kept);
    if (kept <= kMost) return;
  }
}

}  // namespace memtrack::top
