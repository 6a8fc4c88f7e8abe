// The models of a watch, as many as are good for a judgement and no more.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/course.h"

namespace memtrack {

// Keeps the first one, the newest ones as they came, and of those between a selection that is even
// over the whole time: memory of a long watch is bounded, and what grows slowly is seen as well as
// what grows at once. What was known of single pieces stays known (Pasts).
class Series {
 public:
  static constexpr std::size_t kMostModels = 32;
  static constexpr std::size_t kNewest = 3;  // what rules want to have seen in passes that follow

  void Add(Model model);
  std::span<const Model> models() const { return models_; }

  // Of the models; at least one. Good until the next Add.
  Course course() const { return Course(models_, pasts_); }

 private:
  std::vector<Model> models_;
  Pasts pasts_;
};

}  // namespace memtrack
