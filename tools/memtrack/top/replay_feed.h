// A recording, one snapshot after the other; also back.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tools/memtrack/record/recording_reader.h"
#include "tools/memtrack/top/feed.h"

namespace memtrack::top {

class ReplayFeed final : public Feed {
 public:
  // Of a recording that has more only every second, fourth, ... snapshot is taken.
  static constexpr std::size_t kMostSnapshots = 128;

  // Reads all of it. Errors: those of the reader; RecordingErrc::kNothing when it is empty.
  static baton::Result<ReplayFeed> Read(RecordingReader& recording, Share share);

  baton::Result<void> Advance() override;
  void Step(int count) override;
  Data data() const override;

 private:
  explicit ReplayFeed(std::vector<Model> models) : models_(std::move(models)) {}

  std::vector<Model> models_;
  std::size_t at_ = 0;  // one behind the one that is shown
  TagHistory history_;
  std::vector<Verdict> verdicts_;
};

}  // namespace memtrack::top
