// A process ends, or stops, at each state change while memory is lent.
#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/loan_actors.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kSizeOfLoans = 10'000;

ChannelOptions OptionsOf(const Stage& stage) {
  ChannelOptions options = stage.options();
  if (stage.has_short_deadlines()) options.memory_deadline = kStallDeadline;
  return options;
}

void PlayLender(Stage& stage) {
  const auto lender = std::make_shared<LoanParent>();
  stage.Bind(lender, AsLender(OptionsOf(stage)));
  stage.WhenToldToEnd([&] { lender->Close(); });
  stage.RunUntil([&] { return lender->destroyed > 0; });
  lender->kept.clear();
  stage.RunToTheEnd();
  CHECK(lender->destroyed == 1);
}

PEER(MakesMemory) {
  PlaySide(channel_end, PlayLender);
}

// Memory of both kinds, borrowed, handed over and given back; and one piece that the lender keeps.
void PlayBorrower(Stage& stage) {
  const auto borrower = std::make_shared<LoanChild>();
  stage.Bind(borrower, AsBorrower(OptionsOf(stage)));
  stage.WhenToldToEnd([&] { borrower->Close(); });
  Questions questions;
  Shmem own;
  Shmem travels;
  UnsafeShmem shared;
  const auto borrow = [&](Shmem& into) {
    borrower->AllocShmemAsync(kSizeOfLoans,
                              [&, note = questions.One()](error_code error, Shmem lent) mutable {
                                note(error);
                                if (!error) into = std::move(lent);
                              });
    stage.Settle(questions);
  };
  borrow(own);
  borrow(travels);
  for (const int value : {1, 2}) {
    if (travels.state() != ShmemState::kOwned) break;
    borrower->SendGrow(std::move(travels),
                       [&, value, note = questions.One()](error_code error, Shmem grown) mutable {
                         note(error);
                         if (error) return;
                         CHECK(HoldsOnly(grown, value));
                         travels = std::move(grown);
                       });
    stage.Settle(questions);
  }
  borrower->AllocUnsafeShmemAsync(
      kSizeOfLoans, [&, note = questions.One()](error_code error, UnsafeShmem lent) mutable {
        note(error);
        if (!error) shared = std::move(lent);
      });
  stage.Settle(questions);
  if (shared.state() == ShmemState::kShared) {
    borrower->SendTouch(shared, questions.One());
    stage.Settle(questions);
    shared = UnsafeShmem();
  }
  if (travels.state() == ShmemState::kOwned) (void)borrower->SendKeep(std::move(travels));
  borrower->SendAsk(1, questions.One());
  stage.Settle(questions);
  borrower->Close();
  stage.RunUntil([&] { return borrower->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(borrower->destroyed == 1);
  questions.Check();
  // What it had is its own, whatever became of whoever has made it.
  if (own.state() == ShmemState::kOwned) CHECK(HoldsOnly(own, 0));
}

PEER(BorrowsMemory) {
  PlaySide(channel_end, PlayBorrower);
}

const Story kLoans = {.name = "loans", .first = &MakesMemory, .second = &BorrowsMemory};

TEST_CASE("kill points: who makes memory for another dies") {
  SweepDeaths(kLoans, Victim::kFirst);
}
TEST_CASE("kill points: who borrows memory dies") {
  SweepDeaths(kLoans, Victim::kSecond);
}
TEST_CASE("kill points: who makes memory for another stalls") {
  SweepStalls(kLoans, Victim::kFirst);
}
TEST_CASE("kill points: who borrows memory stalls") {
  SweepStalls(kLoans, Victim::kSecond);
}

}  // namespace
}  // namespace baton::testing
