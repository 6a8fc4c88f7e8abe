// A series of models, and what only a series can tell: since when there is a piece of memory, and
// who made it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/pasts.h"

namespace memtrack {

class Course {
 public:
  // `models`, oldest first, at least one, have to outlive the course. `pasts` have noted these, and
  // perhaps others between them.
  explicit Course(std::span<const Model> models);
  Course(std::span<const Model> models, Pasts pasts);

  std::span<const Model> models() const { return models_; }
  const Model& last() const { return models_.back(); }
  // Nothing after the first pass.
  const Model* previous() const {
    return models_.size() > 1 ? &models_[models_.size() - 2] : nullptr;
  }

  // Who made it: as Baton's attribute says, else as how it was held says (Past::maker). A number in
  // an attribute means the process that was started before the memory was born; start_time 0: there
  // is none, it is gone.
  std::optional<ProcessKey> CreatorOf(const SegmentUse& use) const;

  // Who has made most pieces of a tag, as Pasts::MakerOf.
  std::optional<ProcessKey> MakerOf(const std::string& tag,
                                    const std::vector<ProcessKey>& among) const {
    return pasts_.MakerOf(tag, among);
  }

  // Nanoseconds that it has been there, or at least that we have seen it. Whoever sets the clock on
  // the wall changes nothing.
  std::int64_t AgeOf(const SegmentUse& use) const;

  // Calls `found(use)` for each segment of the last model of which `holds(model, use)` is true now
  // and was true in the pass before. What is true once may be on its way.
  void ForEachTwice(auto holds, auto found) const {
    if (previous() == nullptr) return;
    for (const SegmentUse& use : last().segments) {
      if (!holds(last(), use)) continue;
      const SegmentUse* before = FindSegment(*previous(), use.segment.key);
      if (before == nullptr || !IsSameSegment(before->segment, use.segment)) continue;
      if (holds(*previous(), *before)) found(use);
    }
  }

 private:
  std::span<const Model> models_;
  Pasts pasts_;
};

// Whether the model has this process, or one of its number of which not even the start could be
// read. With start_time 0: never, it is gone.
bool IsAlive(const Model& model, const ProcessKey& process);

}  // namespace memtrack
