// The machine as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tools/memtrack/scan/snapshot.h"
#include "tools/memtrack/top/feed.h"
#include "tools/memtrack/top/kept_models.h"

namespace memtrack::top {

class LiveFeed final : public Feed {
 public:
  using Look = std::function<baton::Result<Snapshot>()>;

  // Verdicts are about minutes, and cost more than all else here: every so many samples is enough.
  static constexpr int kJudgedEvery = 5;

  LiveFeed(Look look, Share share) : look_(std::move(look)), share_(share) {}

  baton::Result<void> Advance() override;
  void Step(int) override {}
  Data data() const override;

 private:
  Look look_;
  Share share_;
  KeptModels kept_;
  TagHistory history_;
  std::vector<Verdict> verdicts_;
  int samples_ = 0;
  std::int64_t first_ghosts_ = 0;
};

}  // namespace memtrack::top
