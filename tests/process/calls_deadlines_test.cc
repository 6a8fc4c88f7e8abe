// Questions that are not answered in time, and their late answers. Both sides in one thread.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <optional>

#include "runtime/channel/frame.h"
#include "tests/process/calls_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using boost::system::error_code;
using namespace std::chrono_literals;

// A completion token of somebody's own.
struct Counting {
  Outcome* outcome;
};

}  // namespace
}  // namespace baton::testing

template <class Value>
class boost::asio::async_result<baton::testing::Counting, void(boost::system::error_code, Value)> {
 public:
  template <class Initiation>
  static int initiate(Initiation initiation, baton::testing::Counting token) {
    std::move(initiation)(token.outcome->Note());
    return 42;
  }
};

namespace baton::testing {
namespace {

TEST_CASE("completion tokens of a program's own work as Asio's do") {
  const Guarded guarded;
  CallsSide side(EachPath());
  Outcome outcome;
  Outcome late;
  CHECK(side.actor->SendEcho("x", Counting{&outcome}) == 42);
  CHECK(side.actor->SendWait(Within(1ms, Counting{&late})) == 42);
  side.RunUntil([&] { return outcome.completions + late.completions == 2; });
  CHECK_FALSE(outcome.error);
  CHECK(late.error == std::errc::timed_out);
  side.CloseAndRun();
}

TEST_CASE("a question that is not answered in time completes, and its late answer is dropped") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  Outcome outcome;
  side.actor->SendWaitShortly(outcome.Note());
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK(outcome.error == std::errc::timed_out);
  CHECK(outcome.error == boost::asio::error::timed_out);
  CHECK(side.actor->statistics().answers_late == 0);
  side.AnswerAll();
  CHECK(side.actor->statistics().answers_late == 1);
  CHECK(outcome.completions == 1);
  CHECK(side.actor->CanSend());
  side.CloseAndRun();
  CHECK_FALSE(side.actor->close_error());
}

TEST_CASE("a question that is answered in time completes with the answer, and nothing later") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  Outcome outcome;
  side.actor->SendWaitLong(outcome.Note());
  side.AnswerAll();
  CHECK(outcome.completions == 1);
  CHECK_FALSE(outcome.error);
  side.CloseAndRun();
  CHECK(outcome.completions == 1);
  CHECK(side.actor->statistics().answers_late == 0);
}

TEST_CASE("a call's own deadline goes before that of the message") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  Outcome shorter;
  Outcome for_ever;
  Outcome outermost;
  Outcome passed;
  side.actor->SendWaitShortly(Within(kForever, for_ever.Note()));
  side.actor->SendWaitLong(Within(1ms, shorter.Note()));
  side.actor->SendWait(Within(2ms, Within(1h, outermost.Note())));
  side.actor->SendWait(Within(-1s, passed.Note()));
  CHECK(passed.completions == 0);  // never inside SendX
  side.RunUntil([&] { return outermost.completions == 1; });
  CHECK(shorter.error == std::errc::timed_out);
  CHECK(outermost.error == std::errc::timed_out);
  CHECK(passed.error == std::errc::timed_out);
  CHECK(for_ever.completions == 0);
  side.AnswerAll();
  CHECK(for_ever.completions == 1);
  CHECK_FALSE(for_ever.error);
  CHECK(side.actor->statistics().answers_late == 3);
  side.CloseAndRun();
}

TEST_CASE("deadlines pass in their own order") {
  const Guarded guarded;
  CallsSide side(EachPath());
  std::vector<int> order;
  const auto ask = [&](int number, std::chrono::milliseconds time) {
    side.actor->SendWait(Within(time, [&order, number](error_code error, std::uint32_t) {
      CHECK(error == std::errc::timed_out);
      order.push_back(number);
    }));
  };
  ask(3, 30ms);
  ask(1, 1ms);
  ask(2, 10ms);
  side.RunUntil([&] { return order.size() == 3; });
  CHECK(order == std::vector<int>{1, 2, 3});
  side.CloseAndRun();
}

TEST_CASE("a deadline goes with every token, around it or inside of another") {
  const Guarded guarded;
  CallsSide side(EachPath());
  error_code redirected;
  std::vector<error_code> errors;
  bool threw = false;
  const auto talk = [&]() -> awaitable<void> {
    try {
      co_await side.actor->SendWait(Within(1ms, use_awaitable));
    } catch (const boost::system::system_error& error) {
      threw = error.code() == std::errc::timed_out;
    }
    const auto [outside, one] = co_await side.actor->SendWait(Within(1ms, as_tuple(use_awaitable)));
    errors.push_back(outside);
    const auto [inside, two] = co_await side.actor->SendWait(as_tuple(Within(1ms, use_awaitable)));
    errors.push_back(inside);
    co_await side.actor->SendWait(
        boost::asio::redirect_error(Within(1ms, use_awaitable), redirected));
    auto around = side.actor->SendWait(Within(1ms, boost::asio::deferred));
    const auto [deferred, three] = co_await std::move(around)(as_tuple(use_awaitable));
    errors.push_back(deferred);
    auto later = side.actor->SendWait(boost::asio::deferred);
    const auto [launched, four] = co_await std::move(later)(as_tuple(Within(1ms, use_awaitable)));
    errors.push_back(launched);
    const auto [quick, text] =
        co_await side.actor->SendEcho("quick", as_tuple(Within(1h, use_awaitable)));
    CHECK_FALSE(quick);
    CHECK(text == "quick");
  };
  bool done = false;
  boost::asio::co_spawn(side.io, talk(), [&](std::exception_ptr error) {
    CHECK(error == nullptr);
    done = true;
  });
  side.RunUntil([&] { return done; });
  CHECK(threw);
  CHECK(redirected == std::errc::timed_out);
  CHECK(errors.size() == 4);
  for (const error_code error : errors) CHECK(error == std::errc::timed_out);

  auto future = side.actor->SendWait(Within(1ms, boost::asio::use_future));
  side.RunUntil([&] { return future.wait_for(0s) == std::future_status::ready; });
  CHECK_THROWS_AS(future.get(), boost::system::system_error);
  side.actor->SendWait(Within(1ms, boost::asio::detached));
  boost::asio::io_context other;
  Outcome elsewhere;
  side.actor->SendWait(boost::asio::bind_executor(other, Within(1ms, elsewhere.Note())));
  Outcome last;
  side.actor->SendWait(Within(3ms, last.Note()));
  side.RunUntil([&] { return last.completions == 1; });
  CHECK(elsewhere.completions == 0);
  other.run();
  CHECK(elsewhere.error == std::errc::timed_out);
  side.CloseAndRun();
}

TEST_CASE("a deadline counts from the sending, also when the token is asked later") {
  const Guarded guarded;
  CallsSide side(EachPath());
  auto later = side.actor->SendWaitShortly(boost::asio::deferred);
  Outcome other;
  side.actor->SendWait(Within(2ms, other.Note()));
  side.RunUntil([&] { return other.completions == 1; });
  Outcome outcome;
  std::move(later)(outcome.Note());  // has passed by now
  CHECK(outcome.completions == 0);
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK(outcome.error == std::errc::timed_out);

  // One of the call's own, too.
  auto longer = side.actor->SendWait(boost::asio::deferred);
  Outcome long_outcome;
  std::move(longer)(Within(1ms, long_outcome.Note()));
  side.RunUntil([&] { return long_outcome.completions == 1; });
  CHECK(long_outcome.error == std::errc::timed_out);
  side.CloseAndRun();
}

TEST_CASE("memory and descriptors in late answers are let go of, however many come") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
  const Guarded guarded;
  CallsSide side(path);
  // More than one side may have mapped at a time (ChannelOptions::max_shmem_count).
  constexpr std::uint64_t kRounds = 600;
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    Outcome outcome;
    side.actor->SendLend(Within(0s, outcome.Note()));
    side.RunUntil([&] { return outcome.completions == 1; });
    CHECK(outcome.error == std::errc::timed_out);
    side.AnswerAll();
  }
  CHECK(side.actor->statistics().answers_late == kRounds);
  // Each was an answer: nothing has run out on either side.
  std::optional<CallsParent::LendReply> reply;
  side.actor->SendLend([&](error_code error, CallsParent::LendReply given) {
    CHECK_FALSE(error);
    reply = std::move(given);
  });
  side.AnswerAll();
  REQUIRE(reply.has_value());
  CHECK(reply->memory.size() == 4096);
  CHECK(side.actor->traffic().shmem_bytes_received == (kRounds + 1) * 4096);
  reply.reset();
  side.CloseAndRun();
}

TEST_CASE("a late answer is not kept for who has not asked for it yet") {
  const Guarded guarded;
  CallsSide side(GENERATE(Path::kRing, Path::kInProcess));
  const auto ask = [&] { return side.actor->SendLendShortly(boost::asio::deferred); };
  std::vector<decltype(ask())> later;
  for (std::uint64_t round = 1; round <= 6; ++round) {  // 600 in all: more than may be mapped
    Outcome passed;
    for (int number = 0; number < 100; ++number) later.push_back(ask());
    side.actor->SendWait(Within(2ms, passed.Note()));
    side.RunUntil([&] { return passed.completions == 1; });
    side.AnswerAll();
    CHECK(side.actor->statistics().answers_late == round * 101);
    CHECK(side.actor->traffic().shmem_bytes_received == round * 100 * 4096);
  }
  Outcome outcome;
  std::move(later.back())(outcome.Note());
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK(outcome.error == std::errc::timed_out);
  side.CloseAndRun();
}

TEST_CASE("questions that were given up count until they are answered") {
  const Guarded guarded;
  CallsSide side(GENERATE(Path::kRing, Path::kInProcess));
  std::size_t timed_out = 0;
  for (std::size_t number = 0; number < internal::kMaxUnansweredCalls; ++number) {
    side.actor->SendWait(Within(0s, [&](error_code error, std::uint32_t) {
      CHECK(error == std::errc::timed_out);
      ++timed_out;
    }));
  }
  side.RunUntil([&] { return timed_out == internal::kMaxUnansweredCalls; });
  Outcome outcome;
  side.actor->SendWait(outcome.Note());
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK(outcome.error == Errc::kWouldBlock);
  side.CloseAndRun();
}

TEST_CASE("an answer and a deadline that meet complete a question once") {
  const Guarded guarded;
  CallsSide side(EachPath());
  int completions = 0;
  constexpr int kQuestions = 200;
  for (int number = 0; number < kQuestions; ++number) {
    side.actor->SendEcho("x", Within(std::chrono::microseconds(number * 5),
                                     [&](error_code error, const std::string& text) {
                                       CHECK((error ? text.empty() : text == "x"));
                                       ++completions;
                                     }));
  }
  side.RunUntil([&] { return completions == kQuestions; });
  side.AnswerAll();
  CHECK(completions == kQuestions);
  side.CloseAndRun();
}

TEST_CASE("an error of the protocol's own that comes late is dropped as well") {
  const Guarded guarded;
  CallsSide side(EachPath());
  Outcome outcome;
  side.actor->SendWaitOrFail(Within(0s, outcome.Note()));
  side.RunUntil([&] { return outcome.completions == 1; });
  side.AnswerAll();
  CHECK(outcome.error == std::errc::timed_out);
  CHECK(side.actor->statistics().answers_late == 1);
  side.CloseAndRun();
}

TEST_CASE("an io_context that goes away takes questions with deadlines along") {
  const Guarded guarded;
  const auto completed = std::make_shared<int>(0);
  {
    CallsSide side(EachPath());
    side.actor->SendWaitLong([completed](error_code, std::uint32_t) { ++*completed; });
    side.actor->SendWait(Within(1h, [completed](error_code, std::uint32_t) { ++*completed; }));
    side.io.poll();
  }
  CHECK(*completed == 0);
  CHECK(completed.use_count() == 1);
}

}  // namespace
}  // namespace baton::testing
