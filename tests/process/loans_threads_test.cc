// Memory that the other side makes for one that may make none.
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>
#include <numeric>

#include <baton/async.h>

#include "runtime/actor/launch_ends.h"
#include "tests/process/loan_actors.h"
#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using namespace std::chrono_literals;

PEER(Lender) {
  RunLender(std::move(channel_end));
}

TEST_CASE("loans: memory of the peer's making is as any other, both ways") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Lender);
  Link link = Offer(peer, transport);
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<LoanChild> borrower(std::move(link), options);
  ConverseInBorrowedMemory(borrower);
  const ChannelStatistics statistics = borrower.actor->statistics();
  CHECK((statistics.ring_frames_sent > 0) == (transport.path != Path::kSocket));
  CHECK((statistics.ring_frames_received > 0) == (transport.path != Path::kSocket));
  borrower.CloseAndRun();
  CHECK(borrower.actor->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("loans: no handler runs while memory is waited for, and data keeps its order") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Lender);
  Link link = Offer(peer, transport);
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<LoanChild> borrower(std::move(link), options);
  constexpr std::uint64_t kNotes = 2'000;
  Must(borrower.actor->SendFlood(kNotes));
  for (int loan = 0; loan < 50; ++loan) {
    const std::size_t before = borrower.actor->notes.size();
    Must(borrower.actor->AllocShmem(100));
    REQUIRE(borrower.actor->notes.size() == before);
    borrower.io.restart();
    borrower.io.poll_one();
  }
  borrower.RunUntil([&] { return borrower.actor->notes.size() == kNotes; });
  std::vector<std::uint64_t> expected(kNotes);
  std::iota(expected.begin(), expected.end(), 1);
  CHECK(borrower.actor->notes == expected);
  borrower.CloseAndRun();
}

TEST_CASE("loans: what is freed, or given to the lender, may be borrowed again") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Lender);
  Link link = Offer(peer, transport);
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<LoanChild> borrower(std::move(link), options);
  const std::uint64_t most = ChannelOptions().max_lent_bytes;
  CHECK(borrower.actor->AllocShmem(most + 1).error() == Errc::kOverQuota);
  CHECK(borrower.actor->AllocUnsafeShmem(most + 1).error() == Errc::kOverQuota);
  for (int round = 0; round < 600; ++round) {  // more than max_shmem_count
    Shmem memory = Must(borrower.actor->AllocShmem(10));
    Must(borrower.actor->DeallocShmem(memory));
    UnsafeShmem shared = Must(borrower.actor->AllocUnsafeShmem(10));
    Must(borrower.actor->DeallocShmem(shared));
  }
  borrower.CloseAndRun();
}

// Both sides in one thread, which must not wait.
struct BothLoanSides {
  BothLoanSides(Path path, const ChannelOptions& lender_options,
                const ChannelOptions& borrower_options) {
    auto ends = CreateEndpointsOn<::testing::PLoanParent, ::testing::PLoanChild>(path);
    Must(std::move(ends.first).Bind(lender, io.get_executor(), lender_options));
    Must(std::move(ends.second).Bind(borrower, io.get_executor(), borrower_options));
  }
  explicit BothLoanSides(Path path)
      : BothLoanSides(path, AsLender(OptionsFor(path)), AsBorrower(OptionsFor(path))) {}

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }
  // What became of a question for `size` bytes that does not block.
  std::error_code Borrow(std::uint64_t size, Shmem* into = nullptr) {
    std::optional<error_code> result;
    borrower->AllocShmemAsync(size, [&](error_code error, Shmem memory) {
      result = error;
      if (into != nullptr) *into = std::move(memory);
    });
    CHECK_FALSE(result);  // never inside the call
    RunUntil([&] { return result.has_value(); });
    return *result;
  }
  std::error_code BorrowUnsafe(std::uint64_t size, UnsafeShmem* into = nullptr) {
    std::optional<error_code> result;
    borrower->AllocUnsafeShmemAsync(size, [&](error_code error, UnsafeShmem memory) {
      result = error;
      if (into != nullptr) *into = std::move(memory);
    });
    RunUntil([&] { return result.has_value(); });
    return *result;
  }
  void CloseAndRun() {
    borrower->Close();
    io.restart();
    io.run();
    CHECK(borrower->destroyed == 1);
    CHECK(lender->destroyed == 1);
    CHECK_FALSE(lender->close_error());
  }

  io_context io;
  std::shared_ptr<LoanParent> lender = std::make_shared<LoanParent>();
  std::shared_ptr<LoanChild> borrower = std::make_shared<LoanChild>();
};

TEST_CASE("loans: without blocking, memory comes as an answer does") {
  const Path path = EachPath();
  const Guarded guarded;
  BothLoanSides sides(path);
  Shmem memory;
  CHECK_FALSE(sides.Borrow(5'000, &memory));
  CHECK(memory.size() == 5'000);
  UnsafeShmem shared;
  CHECK_FALSE(sides.BorrowUnsafe(6'000, &shared));
  CHECK(shared.size() == 6'000);
  CHECK(sides.Borrow(0) == std::errc::invalid_argument);
  sides.CloseAndRun();
  CHECK(sides.Borrow(1) == Errc::kClosed);
  CHECK(HoldsOnly(memory, 0));  // ours, whatever has become of the channel
  CHECK(std::make_shared<LoanChild>()->AllocShmem(1).error() == Errc::kNotBound);
}

TEST_CASE("loans: who makes memory itself gets it without asking, and never inside the call") {
  const Path path = EachPath();
  const Guarded guarded;
  BothLoanSides sides(path, OptionsFor(path), OptionsFor(path));
  Shmem memory;
  CHECK_FALSE(sides.Borrow(100, &memory));
  UnsafeShmem shared;
  CHECK_FALSE(sides.BorrowUnsafe(100, &shared));
  CHECK(memory.size() + shared.size() == 200);
  CHECK(sides.lender->statistics().messages_received == 0);
  sides.CloseAndRun();
}

TEST_CASE("loans: a question may be cancelled, and its late answer is given back") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions once = AsLender(OptionsFor(path));
  once.max_lent_bytes = 100;
  BothLoanSides sides(path, once, AsBorrower(OptionsFor(path)));
  boost::asio::cancellation_signal cancel;
  std::optional<error_code> result;
  sides.borrower->AllocShmemAsync(
      100, boost::asio::bind_cancellation_slot(
               cancel.slot(), [&](error_code error, const Shmem&) { result = error; }));
  cancel.emit(boost::asio::cancellation_type::all);
  sides.RunUntil([&] { return result.has_value(); });
  CHECK(result == boost::asio::error::operation_aborted);
  sides.RunUntil([&] { return sides.borrower->statistics().answers_late == 1; });
  CHECK_FALSE(sides.Borrow(100));  // so the lender has it again
  sides.CloseAndRun();
}

TEST_CASE("loans: a lender lends so much, and hears of what it has back") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions little = AsLender(OptionsFor(path));
  little.max_lent_bytes = 10'000;
  BothLoanSides sides(path, little, AsBorrower(OptionsFor(path)));
  Shmem memory;
  UnsafeShmem shared;
  CHECK_FALSE(sides.Borrow(6'000, &memory));
  CHECK(sides.Borrow(6'000) == Errc::kOverQuota);
  CHECK_FALSE(sides.BorrowUnsafe(4'000, &shared));
  CHECK(sides.BorrowUnsafe(1) == Errc::kOverQuota);
  SECTION("freed") {
    memory = Shmem();
    CHECK_FALSE(sides.Borrow(6'000));
  }
  SECTION("freed, of both's") {
    shared = UnsafeShmem();
    CHECK_FALSE(sides.BorrowUnsafe(4'000));
  }
  SECTION("given to the lender, who keeps it") {
    Must(sides.borrower->SendKeep(std::move(memory)));
    sides.RunUntil([&] { return !sides.lender->kept.empty(); });
    CHECK_FALSE(sides.Borrow(6'000));
  }
  SECTION("shared with the lender, who holds it on") {
    bool touched = false;
    sides.borrower->SendTouch(shared, [&](error_code error, auto) { touched = !error; });
    sides.RunUntil([&] { return touched; });
    CHECK(HoldsOnly(shared, 1));
    shared = UnsafeShmem();
    CHECK_FALSE(sides.BorrowUnsafe(4'000));
  }
  sides.CloseAndRun();
}

TEST_CASE("loans: the lender's other limits count as well") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions few = AsLender(OptionsFor(path));
  few.max_shmem_count = 2;
  BothLoanSides sides(path, few, AsBorrower(OptionsFor(path)));
  Shmem first;
  UnsafeShmem second;
  CHECK_FALSE(sides.Borrow(1, &first));
  CHECK_FALSE(sides.BorrowUnsafe(1, &second));
  CHECK(sides.Borrow(1) == Errc::kOverQuota);
  CHECK(sides.lender->AllocShmem(1).error() == Errc::kOverQuota);
  sides.CloseAndRun();
}

TEST_CASE("loans: who does not lend says so, and the borrower's ring is the socket") {
  const Path path = EachPath();
  const bool to_nobody = GENERATE(true, false);
  const Guarded guarded;
  ChannelOptions unwilling = OptionsFor(path);  // as by default: to those it has launched
  if (to_nobody) unwilling.lends_memory = LendsMemory::kToNobody;
  BothLoanSides sides(path, unwilling, AsBorrower(OptionsFor(path)));
  CHECK(sides.Borrow(1) == std::errc::operation_not_permitted);
  CHECK(sides.BorrowUnsafe(1) == std::errc::operation_not_permitted);
  bool answered = false;
  sides.borrower->SendAsk(1, [&](error_code error, std::uint64_t) { answered = !error; });
  sides.RunUntil([&] { return answered; });
  CHECK(sides.borrower->statistics().ring_frames_sent == 0);
  sides.CloseAndRun();
}

TEST_CASE("loans: a program lends to what it has launched, unless it says otherwise") {
  const bool to_nobody = GENERATE(false, true);
  const Guarded guarded;
  auto ends = Must(internal::LaunchEnds::Create());
  internal::EndpointParts ours = {.socket = std::move(ends.ours)};
  ours.origin = internal::PeerOrigin::kLaunched;
  ours.identity = platform::PeerIdentity{.pid = ::getpid(), .uid = ::getuid(), .gid = ::getgid()};
  io_context io;
  const auto lender = std::make_shared<LoanParent>();
  const auto borrower = std::make_shared<LoanChild>();
  ChannelOptions options;
  if (to_nobody) options.lends_memory = LendsMemory::kToNobody;
  Must(internal::BindEndpoint(std::move(ours), lender, io.get_executor(), options));
  Must(internal::BindEndpoint(internal::InheritedParts(std::move(ends.theirs)), borrower,
                              io.get_executor(), AsBorrower({})));
  std::optional<error_code> result;
  borrower->AllocShmemAsync(1, [&](error_code error, const Shmem&) {
    result = error;
    borrower->Close();
  });
  io.run();
  REQUIRE(result.has_value());
  if (to_nobody) {
    CHECK(*result == std::errc::operation_not_permitted);
  } else {
    CHECK_FALSE(*result);
  }
}

TEST_CASE("loans: questions too many at once are refused here, before they are asked") {
  const Path path = EachPath();
  const Guarded guarded;
  BothLoanSides sides(path);
  constexpr int kAsked = 1'100;
  int lent = 0;
  int refused = 0;
  for (int n = 0; n < kAsked; ++n) {
    sides.borrower->AllocShmemAsync(1, [&](error_code error, const Shmem&) {
      error == Errc::kWouldBlock ? ++refused : ++lent;
    });
  }
  sides.RunUntil([&] { return lent + refused == kAsked; });
  CHECK(refused >= kAsked - 1024);
  CHECK_FALSE(sides.Borrow(1));
  sides.CloseAndRun();
}

TEST_CASE("loans: whoever waits for memory hears that none comes any more") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
  const Guarded guarded;
  auto ends = CreateEndpointsOn<::testing::PLoanParent, ::testing::PLoanChild>(path);
  io_context io;
  const auto borrower = std::make_shared<LoanChild>();
  ChannelOptions options = AsBorrower(OptionsFor(path));
  options.memory_deadline = 1ms;
  Must(std::move(ends.second).Bind(borrower, io.get_executor(), options));
  std::optional<error_code> result;
  SECTION("the peer has died, and somebody waits") {
    ends.first = {};
    CHECK(borrower->AllocShmem(1).error() == Errc::kPeerDied);
    io.run();
    CHECK(borrower->reason == ActorDestroyReason::kAbnormalShutdown);
  }
  SECTION("the peer has died") {
    borrower->AllocShmemAsync(
        1, Within(kForever, [&](error_code error, const Shmem&) { result = error; }));
    ends.first = {};
    io.run();
    CHECK(borrower->reason == ActorDestroyReason::kAbnormalShutdown);
    REQUIRE(result.has_value());
    CHECK(*result == boost::system::error_code(make_error_code(Errc::kPeerDied)));
  }
  SECTION("the deadline is over") {
    CHECK(borrower->AllocShmem(1).error() == std::errc::timed_out);
    CHECK(borrower->AllocUnsafeShmem(1).error() == std::errc::timed_out);
    borrower->AllocShmemAsync(1, [&](error_code error, const Shmem&) {
      result = error;
      borrower->Close();
    });
    io.run();
    REQUIRE(result.has_value());
    CHECK(*result == boost::asio::error::timed_out);
  }
  SECTION("this side closes") {
    borrower->AllocShmemAsync(1, [&](error_code error, const Shmem&) { result = error; });
    borrower->Close();
    io.run();
    REQUIRE(result.has_value());
    CHECK(*result == boost::system::error_code(make_error_code(Errc::kClosed)));
    CHECK(borrower->AllocShmem(1).error() == Errc::kClosed);
  }
  CHECK(borrower->destroyed == 1);
}

TEST_CASE("loans: an io_context may go away while memory is asked for") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEndpointsOn<::testing::PLoanParent, ::testing::PLoanChild>(path);
  const auto borrower = std::make_shared<LoanChild>();
  bool completed = false;
  {
    io_context io;
    Must(std::move(ends.second).Bind(borrower, io.get_executor(), AsBorrower(OptionsFor(path))));
    borrower->AllocShmemAsync(
        1, [&, keeps = borrower](error_code, const Shmem&) { completed = true; });
    io.poll();
  }
  CHECK_FALSE(completed);
}

PEER(LendsInsideOfAWait) {
  io_context io;
  const auto parent = std::make_shared<SyncParent>();
  parent->io = &io;
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(),
                              AsLender(link.options)));
  io.run();
  PEER_EXPECT(parent->destroyed == 1);
}

TEST_CASE("loans: a lender that waits for an answer lends, and a nested handler may borrow") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, LendsInsideOfAWait);
  Link link = Offer(peer, transport);
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<SyncChild> child(std::move(link), options);
  int borrowed = 0;
  child.actor->on_dive = [&] {  // both sides wait now, for each other
    if (Must(child.actor->AllocShmem(4096)).size() == 4096) ++borrowed;
    if (Must(child.actor->AllocUnsafeShmem(4096)).size() == 4096) ++borrowed;
  };
  CHECK(Must(child.actor->SendDive(5)) == 5);
  CHECK(child.actor->dives == 3);
  CHECK(borrowed == 6);
  child.CloseAndRun();
}

TEST_CASE("loans: an answer that comes while this side waits for another is completed later") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, LendsInsideOfAWait);
  Link link = Offer(peer, transport);
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<SyncChild> child(std::move(link), options);
  bool completed = false;
  child.actor->AllocShmemAsync(1, [&](error_code error, const Shmem&) { completed = !error; });
  CHECK(Must(child.actor->SendAsk(1)) == 2);  // its answer comes behind that
  CHECK_FALSE(completed);
  child.RunUntil([&] { return completed; });
  child.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
