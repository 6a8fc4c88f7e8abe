#include "bench/soak/talk_ledger.h"

namespace soak {

void TalkLedger::Begin(std::uint64_t talk, const Run& first, const Run& second) {
  talks_[talk] = {End{first}, End{second}};
}

void TalkLedger::LoseSecond(std::uint64_t talk) {
  End& end = talks_.at(talk)[1];
  end.is_doomed = end.is_over = true;
}

void TalkLedger::Doom(const Run& run) {
  for (auto& [talk, ends] : talks_) {
    for (End& end : ends) {
      if (end.run == run) end.is_doomed = true;
    }
  }
}

void TalkLedger::OnEnded(std::uint64_t talk, const Run& run, const std::string& trouble) {
  const std::string what = "child " + std::to_string(run.child) + ", epoch " +
                           std::to_string(run.epoch) + ": talk " + std::to_string(talk);
  const auto found = talks_.find(talk);
  if (found == talks_.end()) return witness_.Fail(what + " has ended once too often");
  Talk& ends = found->second;
  const std::size_t at = ends[0].run == run ? 0 : 1;
  if (ends[at].run != run || ends[at].is_over) {
    return witness_.Fail(what + " has ended once too often");
  }
  ends[at].is_over = true;
  if (!trouble.empty() && !ends[1 - at].is_doomed) {
    witness_.Fail(what + " has ended abnormally, and the other end is alive: " + trouble);
  }
  Forget(talk, ends);
}

void TalkLedger::OnGone(const Run& run) {
  for (auto next = talks_.begin(); next != talks_.end();) {
    auto& [talk, ends] = *next++;
    for (End& end : ends) {
      if (end.run == run) end.is_over = true;
    }
    Forget(talk, ends);
  }
}

void TalkLedger::Forget(std::uint64_t talk, const Talk& ends) {
  if (!ends[0].is_over || !ends[1].is_over) return;
  talks_.erase(talk);
  witness_.OnChange();
}

}  // namespace soak
