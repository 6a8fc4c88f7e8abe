#include "bench/soak/plan.h"

#include <array>

#include "bench/soak/dice.h"

namespace soak {
namespace {

// How often which deed is done, in parts of their sum.
struct Weight {
  Deed deed;
  std::uint64_t parts;
};
constexpr std::array kWeights = {
    Weight{Deed::kNote, 12},    Weight{Deed::kLazyNotes, 4},    Weight{Deed::kBatch, 4},
    Weight{Deed::kUrgent, 6},   Weight{Deed::kNewest, 5},       Weight{Deed::kLatest, 5},
    Weight{Deed::kFlood, 2},    Weight{Deed::kAsk, 14},         Weight{Deed::kAskLate, 3},
    Weight{Deed::kLend, 8},     Weight{Deed::kAskCancelled, 3}, Weight{Deed::kQuery, 6},
    Weight{Deed::kGive, 6},     Weight{Deed::kGiveAway, 4},     Weight{Deed::kShare, 4},
    Weight{Deed::kPipe, 3},     Weight{Deed::kMakeTask, 8},     Weight{Deed::kMakeRefused, 2},
    Weight{Deed::kUseTask, 10}, Weight{Deed::kDeleteTask, 6},
};

std::uint64_t SumOfWeights() {
  std::uint64_t sum = 0;
  for (const Weight& weight : kWeights) sum += weight.parts;
  return sum;
}

Deed AnyDeed(Dice& dice) {
  std::uint64_t at = dice.Below(SumOfWeights());
  for (const Weight& weight : kWeights) {
    if (at < weight.parts) return weight.deed;
    at -= weight.parts;
  }
  return Deed::kNote;
}

// Memory up to 4 MiB, the rest up to 64 KiB, which is more than a ring takes in one piece.
std::uint32_t AnySize(Dice& dice, Deed deed) {
  const bool is_memory =
      deed == Deed::kLend || deed == Deed::kGive || deed == Deed::kGiveAway || deed == Deed::kShare;
  return dice.Size(is_memory ? 22 : 16);
}

Step AnyDeedOf(Dice& dice, Act act) {
  Step step = {.act = act, .deed = AnyDeed(dice)};
  // Who waits for a child waits for all of them, so only children do.
  if (step.deed == Deed::kQuery) step.act = Act::kTell;
  step.size = AnySize(dice, step.deed);
  step.salt = dice.Roll();
  return step;
}

// Only what the parent does by itself: a child that is stopped does nothing. Not often a flood,
// because in a queue that is full there is no room for anything else.
void AppendStop(Dice& dice, std::vector<Step>& steps) {
  steps.push_back({.act = Act::kStop, .salt = dice.Roll()});
  const bool floods = dice.Percent(25);
  for (std::uint64_t deeds = 1 + dice.Below(6); deeds > 0; --deeds) {
    Step step = AnyDeedOf(dice, Act::kDo);
    if (step.act != Act::kDo || (step.deed == Deed::kFlood && !floods)) step.deed = Deed::kAsk;
    step.act = Act::kDo;
    steps.push_back(step);
  }
  const Act end = dice.Percent(20) ? Act::kKill : Act::kContinue;
  steps.push_back({.act = end, .salt = dice.Roll()});
}

void AppendTrouble(Dice& dice, std::vector<Step>& steps) {
  switch (dice.Below(6)) {
    case 0: return steps.push_back({.act = Act::kKill, .salt = dice.Roll()});
    case 1: return steps.push_back({.act = Act::kHalt, .salt = dice.Roll()});
    case 2: return steps.push_back({.act = Act::kCrash, .salt = dice.Roll()});
    case 3: return steps.push_back({.act = Act::kLeave, .salt = dice.Roll()});
    default: return AppendStop(dice, steps);
  }
}

Step MeetAnother(Dice& dice, std::uint32_t children, std::uint32_t child) {
  Step step = {.act = Act::kMeet, .salt = dice.Roll()};
  step.other = static_cast<std::uint32_t>((child + 1 + dice.Below(children - 1)) % children);
  return step;
}

}  // namespace

std::vector<Step> PlanRound(std::uint64_t seed, std::uint32_t children, std::uint32_t child,
                            std::uint64_t round) {
  Dice dice(Dice(Dice(seed ^ (std::uint64_t{child} << 32)).Roll() + round).Roll());
  std::vector<Step> steps;
  while (steps.size() < kStepsInRound) {
    if (dice.Percent(2)) {
      AppendTrouble(dice, steps);
    } else if (children > 1 && dice.Percent(5)) {
      steps.push_back(MeetAnother(dice, children, child));
    } else {
      steps.push_back(AnyDeedOf(dice, dice.Percent(55) ? Act::kDo : Act::kTell));
    }
  }
  return steps;
}

}  // namespace soak
