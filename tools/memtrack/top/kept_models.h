// The models that verdicts are drawn from, in bounded memory: an even grid over the whole time, and
// the newest ones as they came, since no rule believes a single pass.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/course.h"

namespace memtrack::top {

class KeptModels {
 public:
  static constexpr std::size_t kNewest = 3;
  static constexpr std::size_t kMost = 16;

  void Add(Model model);

  // Oldest first; the newest one is always the last.
  std::span<const Model> models() const { return models_; }
  const Model& newest() const { return models_.back(); }
  // At least one has to be there. Good until the next Add.
  Course course() const { return {models_, pasts_}; }

 private:
  std::vector<Model> models_;
  Pasts pasts_;
  std::vector<std::size_t> numbers_;  // of each, from 0
  std::size_t step_ = 1;              // of the grid
  std::size_t added_ = 0;
};

}  // namespace memtrack::top
