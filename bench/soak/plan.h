// What a soak does: a pure function of its seed, so that each can be done again. A plan says what
// is done with a child and when it dies in numbers of steps, never in times.
#pragma once

#include <cstdint>
#include <vector>

#include "soak.h"

namespace soak {

enum class Act : std::uint8_t {
  kDo,        // the parent does the deed
  kTell,      // the child does it
  kMeet,      // the child and another one get to know each other
  kKill,      // SIGKILL
  kHalt,      // ChildSupervisor::Kill
  kCrash,     // the child aborts when it is told
  kLeave,     // the parent closes its channel; the child ends by that
  kStop,      // SIGSTOP; nothing is waited for until kContinue or kKill
  kContinue,  // SIGCONT, after a deadline that the stopped child has missed
};

struct Step {
  Act act = Act::kDo;
  Deed deed = Deed::kNote;  // kDo, kTell
  std::uint32_t size = 0;   // in bytes
  std::uint64_t salt = 0;   // whatever else there is to choose
  std::uint32_t other = 0;  // kMeet: which child
  bool operator==(const Step&) const = default;
};

// How many steps a round has at least; a little more where a stop needs its end.
inline constexpr std::size_t kStepsInRound = 120;

// The steps of one child, of `children`, between two quiet points.
std::vector<Step> PlanRound(std::uint64_t seed, std::uint32_t children, std::uint32_t child,
                            std::uint64_t round);

}  // namespace soak
