#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <utility>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::Must;

// The parent lends.
struct Loan {
  explicit Loan(const ChannelOptions& options = {}) : sides(options) {}

  // What the lender sends, and the borrower takes for the answer to a question for `asked` bytes.
  template <class Memory>
  Result<void> HandOver(Memory& lent, std::uint64_t asked, Memory& into) {
    InTransit transit = Must(Send(*lender, lent));
    return borrower->ArriveLent({transit.kind, &into, transit.reference},
                                std::move(transit.handles), asked);
  }

  // The lender hears of all that the borrower has freed.
  std::size_t TellReleases() {
    const auto releases = borrower->TakeReleases(1000);
    for (const ShmemRelease& release : releases) Must(lender->PeerReleased(release));
    return releases.size();
  }

  TwoSides sides;
  std::shared_ptr<ShmemTable> lender = sides.parent;
  std::shared_ptr<ShmemTable> borrower = sides.child;
};

ChannelOptions Lends(std::uint64_t bytes) {
  ChannelOptions options;
  options.max_lent_bytes = bytes;
  return options;
}

TEST_CASE("lent memory counts until it is freed, or comes back") {
  const testing::LeakCheck leak_check;
  Loan loan(Lends(100));
  Shmem lent = Must(loan.lender->Lend(60));
  Shmem borrowed;
  Must(loan.HandOver(lent, 60, borrowed));
  CHECK(lent.state() == ShmemState::kSent);
  CHECK(borrowed.state() == ShmemState::kOwned);
  CHECK(loan.lender->Lend(41).error() == Errc::kOverQuota);
  CHECK(loan.lender->LendUnsafe(41).error() == Errc::kOverQuota);
  CHECK(loan.lender->Allocate(41));  // what is not lent is another matter
  SECTION("freed by the borrower") {
    borrowed = Shmem();
    CHECK(loan.TellReleases() == 1);
  }
  SECTION("handed to the lender") {
    InTransit transit = Must(Send(*loan.borrower, borrowed));
    CHECK(transit.handles.empty());
    Shmem back;
    Must(Receive(*loan.lender, std::move(transit), back));
    CHECK(back.size() == 60);
  }
  CHECK(loan.lender->Lend(100));
}

TEST_CASE("memory that was to be lent, and was not sent, counts no more") {
  const testing::LeakCheck leak_check;
  Loan loan(Lends(100));
  Must(loan.lender->Lend(100));
  {
    const UnsafeShmem unsent = Must(loan.lender->LendUnsafe(100));
    CHECK(loan.lender->LendUnsafe(1).error() == Errc::kOverQuota);
    CHECK(loan.lender->TakeBack(unsent.id()));
    CHECK_FALSE(loan.lender->TakeBack(unsent.id()));
  }
  Must(loan.lender->Lend(100));
}

TEST_CASE("lent unsafe memory is kept until the borrower lets go of its last handle") {
  const testing::LeakCheck leak_check;
  ChannelOptions options = Lends(100);
  options.max_shmem_count = 1;
  Loan loan(options);
  UnsafeShmem borrowed;
  {
    UnsafeShmem lent = Must(loan.lender->LendUnsafe(100));
    Must(loan.HandOver(lent, 100, borrowed));
    borrowed.bytes()[99] = std::byte{7};
    CHECK(lent.bytes()[99] == std::byte{7});
  }
  CHECK(loan.lender->Allocate(1).error() == Errc::kOverQuota);
  borrowed = UnsafeShmem();
  CHECK(loan.TellReleases() == 1);
  CHECK(loan.lender->LendUnsafe(100));
  CHECK(loan.TellReleases() == 0);
}

TEST_CASE("what backs borrowed memory is reserved by who has borrowed it") {
  const testing::LeakCheck leak_check;
  const auto backed = [](const auto& record) {
    struct stat object = {};
    REQUIRE(::fstat(record->memory().handle().get(), &object) == 0);
    return std::int64_t{object.st_blocks} * 512;
  };
  Loan loan;
  Shmem lent = Must(loan.lender->Lend(8192));
  CHECK(backed(ShmemAccess::record(lent)) == 0);
  Shmem borrowed;
  Must(loan.HandOver(lent, 8192, borrowed));
  CHECK(backed(ShmemAccess::record(borrowed)) == 8192);
  UnsafeShmem lent_unsafe = Must(loan.lender->LendUnsafe(8192));
  CHECK(backed(ShmemAccess::record(lent_unsafe)) == 0);
  UnsafeShmem borrowed_unsafe;
  Must(loan.HandOver(lent_unsafe, 8192, borrowed_unsafe));
  CHECK(backed(ShmemAccess::record(lent_unsafe)) == 8192);
}

TEST_CASE("borrowed memory for which there is no room is given back") {
  const testing::LeakCheck leak_check;
  Loan loan;
  ChannelOptions small;
  small.max_shmem_bytes = 50;
  loan.borrower = std::make_shared<ShmemTable>(Side::kChild, "PTest", small, [] {});
  CHECK(loan.borrower->CheckRoom(60).error() == Errc::kOverQuota);
  Shmem lent = Must(loan.lender->Lend(60));
  Shmem borrowed;
  CHECK(loan.HandOver(lent, 60, borrowed).error() == Errc::kOverQuota);
  UnsafeShmem lent_unsafe = Must(loan.lender->LendUnsafe(60));
  UnsafeShmem borrowed_unsafe;
  CHECK(loan.HandOver(lent_unsafe, 60, borrowed_unsafe).error() == Errc::kOverQuota);
  CHECK(loan.TellReleases() == 2);
}

TEST_CASE("what was lent goes with the channel, and what was borrowed stays with its holder") {
  const testing::LeakCheck leak_check;
  Loan loan;
  Shmem lent = Must(loan.lender->Lend(60));
  Shmem borrowed;
  Must(loan.HandOver(lent, 60, borrowed));
  UnsafeShmem lent_unsafe = Must(loan.lender->LendUnsafe(60));
  UnsafeShmem borrowed_unsafe;
  Must(loan.HandOver(lent_unsafe, 60, borrowed_unsafe));
  loan.lender->Close();
  loan.borrower->Close();
  CHECK(borrowed.size() == 60);
  CHECK(borrowed_unsafe.size() == 60);
  borrowed.bytes()[59] = std::byte{1};
}

}  // namespace
}  // namespace baton::internal
