// Every system call of a loan fails once: asking, making, lending, reserving, handing over, giving
// back; of both kinds of memory and of the borrower's ring. And of receiving memory at all.
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "tests/fault/stage.h"
#include "tests/fault/sweep_errors.h"
#include "tests/process/echo_actors.h"
#include "tests/process/loan_actors.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using platform::testing::FailNthCall;

constexpr std::uint64_t kSizeLent = 10'000;

// Both sides in this thread, which must not wait.
struct Loan {
  explicit Loan(Path path) {
    const auto bind = [&]() -> Result<void> {
      internal::EndpointParts ends[2];
      if (path == Path::kInProcess) {
        std::tie(ends[0], ends[1]) = internal::CreateInProcessParts();
      } else {
        BATON_TRY(std::tie(ends[0], ends[1]), internal::CreateEndpointParts());
      }
      auto options = OptionsFor(path);
      options.memory_deadline = kStallDeadline;
      BATON_CHECKED(
          internal::BindEndpoint(std::move(ends[0]), lender, io.get_executor(), AsLender(options)));
      return internal::BindEndpoint(std::move(ends[1]), borrower, io.get_executor(),
                                    AsBorrower(options));
    };
    is_bound = bind().has_value();
    if (!is_bound) Close();
  }

  void Close() {
    lender->Close();
    borrower->Close();
  }

  // A handler of one of the questions: `next` has the answer, which is good.
  template <class Answer, class Next>
  auto Then(Next next) {
    return [this, note = questions.One(), next](error_code error, Answer answer) mutable {
      note(error);
      if (error) return borrower->Close();
      next(std::move(answer));
    };
  }

  void BorrowSafe() {
    borrower->AllocShmemAsync(kSizeLent, Then<Shmem>([this](Shmem memory) {
                                CHECK(HoldsOnly(memory, 0));
                                borrower->SendGrow(std::move(memory),
                                                   Then<Shmem>([this](Shmem grown) {
                                                     CHECK(HoldsOnly(grown, 1));
                                                     if (!borrower->DeallocShmem(grown))
                                                       return borrower->Close();
                                                     BorrowUnsafe();
                                                   }));
                              }));
  }
  void BorrowUnsafe() {
    borrower->AllocUnsafeShmemAsync(
        kSizeLent, Then<UnsafeShmem>([this](UnsafeShmem memory) {
          borrower->SendTouch(memory, [this, kept = memory.Share(), note = questions.One()](
                                          error_code error, auto) mutable {
            note(error);
            if (!error) CHECK(HoldsOnly(kept, 1));
            is_whole = !error;
            borrower->Close();
          });
        }));
  }

  boost::asio::io_context io;
  std::shared_ptr<LoanParent> lender = std::make_shared<LoanParent>();
  std::shared_ptr<LoanChild> borrower = std::make_shared<LoanChild>();
  Questions questions;
  bool is_bound = false;
  bool is_whole = false;
};

bool BorrowAndGiveBack(Path path) {
  Loan loan(path);
  if (loan.is_bound) loan.BorrowSafe();
  loan.io.run();
  loan.questions.Check();
  CHECK(loan.lender->destroyed <= 1);
  if (loan.is_bound) CHECK(loan.lender->destroyed == 1);
  if (loan.is_bound) CHECK(loan.borrower->destroyed == 1);
  return loan.is_whole && !loan.lender->close_error() && !loan.borrower->close_error();
}

TEST_CASE("faults: a loan whose n-th system call fails is memory or an error, and leaks nothing") {
  const Path path = EachPath();
  const Watchdog watchdog(4 * kPatience);
  REQUIRE(BorrowAndGiveBack(path));  // what Asio and the probes keep for good is there now
  std::set<std::string> calls;
  SweepErrors([&] { return BorrowAndGiveBack(path); },
              [&](const std::string& call, int, bool) { calls.insert(call); }, false);
  // Both halves of it were there: whoever lends makes memory, and whoever borrows reserves it.
  CHECK(calls.contains("memfd_create"));
  CHECK(calls.contains("fallocate"));
  CHECK(calls.contains("fcntl(F_GET_SEALS)"));
}

// --- Receiving -----------------------------------------------------------------------------------

// Both sides of echo.idl, with memory that is about to be sent.
struct HandOver {
  HandOver() {
    auto ends = CreateEchoEndpoints(Path::kSocket);
    ChannelOptions options = OptionsFor(Path::kSocket);
    options.max_shmem_count = 2;  // so that what is not freed shows
    Must(std::move(ends.first).Bind(parent, io.get_executor(), options));
    Must(std::move(ends.second).Bind(child, io.get_executor(), options));
    Ping();
    safe = Must(parent->AllocShmem(kSizeLent));
    unsafe = Must(parent->AllocUnsafeShmem(kSizeLent));
  }

  // Whether the channel lives.
  bool Ping() {
    std::optional<error_code> result;
    parent->SendPing(1, [&](error_code error, std::uint64_t) { result = error; });
    RunUntil([&] { return result.has_value(); });
    return !*result;
  }
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  boost::asio::io_context io;
  std::shared_ptr<EchoParent> parent = std::make_shared<EchoParent>();
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();
  Shmem safe;
  UnsafeShmem unsafe;
};

// Where a receiver is short of something to map memory with.
bool IsOfMapping(const std::string& call) {
  return call.starts_with("mmap") || call.starts_with("madvise");
}

enum class Sent { kSafe, kUnsafe };

// What the n-th call of sending, receiving and answering is; empty behind the last.
std::string FailNthOfHandOver(Sent sent, int nth, int& refused) {
  const LeakCheck leak_check;
  HandOver both;
  std::optional<error_code> result;
  std::string call;
  {
    FailNthCall fault(nth, ENOMEM);
    if (sent == Sent::kSafe) {
      both.parent->SendFill(std::move(both.safe), 7,
                            [&](error_code error, const Shmem&) { result = error; });
    } else {
      both.parent->SendTouch(both.unsafe, [&](error_code error, auto) { result = error; });
    }
    both.RunUntil([&] { return result.has_value(); });
    if (fault.failed_call() != nullptr) call = fault.failed_call();
  }
  INFO("system call " << nth << ", " << call);
  REQUIRE(result);
  if (IsOfMapping(call) && *result) {
    // Refused with what was short; nobody is blamed, and both sides are rid of it.
    ++refused;
    CHECK(*result == std::errc::not_enough_memory);
    CHECK(both.Ping());
    both.unsafe = UnsafeShmem();
    CHECK(both.parent->AllocShmem(kSizeLent));
    CHECK_FALSE(both.child->close_error());
  }
  both.parent->Close();
  both.child->Close();
  both.io.restart();
  both.io.run();
  CHECK(both.parent->destroyed == 1);
  CHECK(both.child->destroyed == 1);
  return call;
}

TEST_CASE("faults: memory that its receiver cannot map is refused, and the channel goes on") {
  const Sent sent = GENERATE(Sent::kSafe, Sent::kUnsafe);
  const Watchdog watchdog;
  int refused = 0;
  (void)FailNthOfHandOver(sent, kMaxSweptCalls, refused);  // what is kept for good is there now
  int nth = 1;
  while (!FailNthOfHandOver(sent, nth, refused).empty()) REQUIRE(++nth < kMaxSweptCalls);
  CHECK(refused > 0);
}

}  // namespace
}  // namespace baton::testing
