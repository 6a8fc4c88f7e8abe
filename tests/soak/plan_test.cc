// The plan of a soak: a function of its seed, in which everything comes up.
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "bench/soak/plan.h"

namespace soak::testing {
namespace {

constexpr std::uint32_t kChildren = 10;

// All steps of a few rounds.
std::vector<Step> SomeSteps(std::uint64_t seed, std::uint32_t children) {
  std::vector<Step> steps;
  for (std::uint32_t child = 0; child < children; ++child) {
    for (std::uint64_t round = 0; round < 3; ++round) {
      const auto more = PlanRound(seed, children, child, round);
      steps.insert(steps.end(), more.begin(), more.end());
    }
  }
  return steps;
}

TEST_CASE("soak: the same seed is the same plan, another seed, child or round is another one") {
  const auto plan = PlanRound(7, kChildren, 3, 5);
  CHECK(plan.size() >= kStepsInRound);
  CHECK(plan == PlanRound(7, kChildren, 3, 5));
  CHECK(plan != PlanRound(8, kChildren, 3, 5));
  CHECK(plan != PlanRound(7, kChildren, 4, 5));
  CHECK(plan != PlanRound(7, kChildren, 3, 6));
}

TEST_CASE("soak: whatever can be done and suffered occurs in the first rounds of any seed") {
  const auto seed = GENERATE(std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xffffffffffffffff});
  std::set<Act> acts;
  std::set<Deed> parents, childrens;
  for (const Step& step : SomeSteps(seed, kChildren)) {
    acts.insert(step.act);
    if (step.act == Act::kDo) parents.insert(step.deed);
    if (step.act == Act::kTell) childrens.insert(step.deed);
  }
  CHECK(acts.size() == static_cast<std::size_t>(Act::kContinue) + 1);
  const auto deeds = static_cast<std::size_t>(Deed::kDeleteTask) + 1;
  CHECK(childrens.size() == deeds);
  CHECK(parents.size() == deeds - 1);  // but for the question that would keep all children waiting
  CHECK_FALSE(parents.contains(Deed::kQuery));
}

TEST_CASE(
    "soak: a child that is stopped goes on or is killed, and nothing is asked of it until then") {
  for (std::uint32_t child = 0; child < kChildren; ++child) {
    bool is_stopped = false;
    for (const Step& step : PlanRound(1, kChildren, child, 0)) {
      CHECK((!is_stopped || step.act == Act::kDo || step.act == Act::kKill ||
             step.act == Act::kContinue));
      if (step.act == Act::kContinue) CHECK(is_stopped);
      if (step.act != Act::kDo) is_stopped = step.act == Act::kStop;
    }
    CHECK_FALSE(is_stopped);
  }
}

TEST_CASE("soak: children meet others only, and none where there is one") {
  for (std::uint32_t child = 0; child < kChildren; ++child) {
    for (const Step& step : PlanRound(1, kChildren, child, 0)) {
      if (step.act != Act::kMeet) continue;
      CHECK(step.other < kChildren);
      CHECK(step.other != child);
    }
  }
  for (const Step& step : SomeSteps(1, 1)) CHECK(step.act != Act::kMeet);
}

}  // namespace
}  // namespace soak::testing
