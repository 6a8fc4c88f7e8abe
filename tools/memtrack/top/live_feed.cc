#include "tools/memtrack/top/live_feed.h"

#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack::top {

baton::Result<void> LiveFeed::Advance() {
  BATON_TRY(Snapshot snapshot, look_());
  kept_.Add(BuildModel(std::move(snapshot), share_));
  const Model& model = kept_.newest();
  history_.Add(model);
  if (samples_ == 0) first_ghosts_ = model.machine.ghosts();
  if (++samples_ % kJudgedEvery == 0) verdicts_ = Judge(kept_.course(), {});
  return {};
}

Data LiveFeed::data() const {
  return {.model = kept_.newest(),
          .history = history_,
          .verdicts = verdicts_,
          .is_judged = samples_ >= kJudgedEvery,
          .ghosts_change = Difference(kept_.newest().machine.ghosts(), first_ghosts_),
          .position = ""};
}

}  // namespace memtrack::top
