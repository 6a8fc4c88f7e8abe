#include "tools/memtrack/top/replay_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack::top {

using baton::Result;

Result<ReplayFeed> ReplayFeed::Read(RecordingReader& recording, Share share) {
  std::vector<Model> models;
  std::size_t step = 1;
  for (std::size_t number = 0;; ++number) {
    BATON_TRY(std::optional<Snapshot> snapshot, recording.Next());
    if (!snapshot) break;
    if (number % step != 0) continue;
    if (models.size() == kMostSnapshots) {
      for (std::size_t i = 1; 2 * i < models.size(); ++i) models[i] = std::move(models[2 * i]);
      models.resize(models.size() / 2);
      step *= 2;
      if (number % step != 0) continue;
    }
    models.push_back(BuildModel(*std::move(snapshot), share));
  }
  if (models.empty()) return baton::Fail(RecordingErrc::kNothing);
  return ReplayFeed(std::move(models));
}

Result<void> ReplayFeed::Advance() {
  Step(1);
  return {};
}

void ReplayFeed::Step(int count) {
  const auto last = static_cast<std::ptrdiff_t>(models_.size());
  const std::ptrdiff_t wanted = static_cast<std::ptrdiff_t>(at_) + count;
  const auto target = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(wanted, 1, last));
  if (target == at_) return;
  if (target < at_) {
    history_ = {};
    at_ = 0;
  }
  for (; at_ < target; ++at_) history_.Add(models_[at_]);
  verdicts_ = Judge(std::span<const Model>(models_).first(at_), {});
}

Data ReplayFeed::data() const {
  const Model& model = models_[at_ - 1];
  return {.model = model,
          .history = history_,
          .verdicts = verdicts_,
          .is_judged = at_ > 1,
          .ghosts_change = Difference(model.machine.ghosts(), models_.front().machine.ghosts()),
          .position = fmt::format("snapshot {} of {}", at_, models_.size())};
}

}  // namespace memtrack::top
