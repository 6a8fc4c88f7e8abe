// The talks between children, as their parent knows them: who was given an end, and how it has
// ended. Each end is told of once, and is only lost when the other one's process may have ended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "bench/soak/life.h"

namespace soak {

// One run of a child.
struct Run {
  std::uint32_t child = 0;
  std::uint64_t epoch = 0;
  bool operator==(const Run&) const = default;
};

class TalkLedger {
 public:
  explicit TalkLedger(Witness& witness) : witness_(witness) {}

  std::uint64_t NewNumber() { return ++last_; }

  // An end has been sent to each.
  void Begin(std::uint64_t talk, const Run& first, const Run& second);
  // The second end could not be sent, and was dropped.
  void LoseSecond(std::uint64_t talk);
  // It may end at any moment, and so may its talks.
  void Doom(const Run& run);
  // Told by a child; `trouble` is empty when it was left in good order.
  void OnEnded(std::uint64_t talk, const Run& run, const std::string& trouble);
  // The process has ended: nothing more will be told.
  void OnGone(const Run& run);

  std::size_t open() const { return talks_.size(); }

 private:
  struct End {
    Run run;
    bool is_doomed = false;
    bool is_over = false;
  };
  using Talk = std::array<End, 2>;

  void Forget(std::uint64_t talk, const Talk& ends);

  Witness& witness_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Talk> talks_;
};

}  // namespace soak
