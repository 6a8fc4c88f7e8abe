// How a channel learns to wait: what has paid lately goes on, what has not is left out.
#include <catch2/catch.hpp>
#include <chrono>

#include "runtime/channel/ring_poller.h"

namespace baton::internal {
namespace {

using Found = SpinBudget::Found;
using std::chrono::microseconds;

constexpr microseconds kSpinBudgetMost{50};
constexpr bool kSeveralProcessors = false;
constexpr bool kOneProcessor = true;

// Messages that come `after` the one before, and how they are found.
void Note(SpinBudget& budget, int messages, microseconds after, Found found) {
  for (; messages > 0; --messages) budget.NoteMessage(budget.quiet_since() + after, found);
}

TEST_CASE("a budget of nothing neither spins nor yields") {
  SpinBudget budget(microseconds(0), kSeveralProcessors);
  CHECK(budget.to_spin().count() == 0);
  CHECK_FALSE(budget.yields());
  Note(budget, 10, microseconds(0), Found::kAsleep);
  CHECK(budget.to_spin().count() == 0);
  CHECK_FALSE(budget.yields());
}

TEST_CASE("on one processor nobody spins, and yielding is tried") {
  const SpinBudget budget(kSpinBudgetMost, kOneProcessor);
  CHECK(budget.to_spin().count() == 0);
  CHECK(budget.yields());
}

TEST_CASE("messages that come late end spinning and yielding, and soon ones bring both back") {
  SpinBudget budget(kSpinBudgetMost, kSeveralProcessors);
  CHECK(budget.to_spin() == kSpinBudgetMost);
  Note(budget, 4, microseconds(1000), Found::kAsleep);
  CHECK(budget.to_spin().count() == 0);
  CHECK_FALSE(budget.yields());
  Note(budget, 2, microseconds(20), Found::kAsleep);
  CHECK(budget.to_spin() == kSpinBudgetMost);
  CHECK(budget.yields());
}

TEST_CASE("what would always have paid and never does is tried less and less") {
  SpinBudget budget(kSpinBudgetMost, kSeveralProcessors);
  int trials = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool spins = budget.to_spin() == kSpinBudgetMost;
    if (spins) ++trials;
    // The peer needs this processor: spun in vain, or woken soon.
    Note(budget, 1, spins ? microseconds(60) : microseconds(10), Found::kAsleep);
  }
  CHECK(trials > 3);
  CHECK(trials < 15);
}

TEST_CASE("yielding to others who take long is given up") {
  SpinBudget budget(kSpinBudgetMost, kOneProcessor);
  Note(budget, 100, microseconds(10), Found::kYielding);
  CHECK(budget.yields());
  Note(budget, 4, microseconds(3000), Found::kYielding);
  CHECK_FALSE(budget.yields());
}

}  // namespace
}  // namespace baton::internal
