// Questions that are cancelled, at any moment. Both sides in one thread.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "tests/process/calls_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::awaitable;
using boost::asio::bind_cancellation_slot;
using boost::asio::cancellation_signal;
using boost::asio::cancellation_type;
using boost::asio::use_awaitable;
using boost::system::error_code;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

const error_code kAborted = boost::asio::error::operation_aborted;

TEST_CASE("a question is cancelled through the slot of its handler") {
  const Path path = EachPath();
  const auto type = GENERATE(cancellation_type::terminal, cancellation_type::partial,
                             cancellation_type::total, cancellation_type::all);
  const Guarded guarded;
  CallsSide side(path);
  cancellation_signal signal;
  Outcome outcome;
  side.actor->SendWait(bind_cancellation_slot(signal.slot(), outcome.Note()));
  signal.emit(cancellation_type::none);
  signal.emit(type);
  CHECK(outcome.completions == 0);  // never inside of emit
  signal.emit(type);                // twice
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK(outcome.error == kAborted);
  CHECK(outcome.error == std::errc::operation_canceled);
  signal.emit(type);  // after the completion
  side.AnswerAll();
  signal.emit(type);  // after the answer
  CHECK(side.actor->statistics().answers_late == 1);
  side.CloseAndRun();
  signal.emit(type);  // after the end
  CHECK(outcome.completions == 1);
}

TEST_CASE("cancelling an answered question changes nothing") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  cancellation_signal signal;
  Outcome outcome;
  side.actor->SendEcho("x", bind_cancellation_slot(signal.slot(), outcome.Note()));
  side.RunUntil([&] { return outcome.completions == 1; });
  CHECK_FALSE(outcome.error);
  signal.emit(cancellation_type::all);
  side.AnswerAll();
  CHECK(outcome.completions == 1);
  CHECK(side.actor->statistics().answers_late == 0);
  side.CloseAndRun();
}

TEST_CASE("questions are cancelled from within completions, their own and others'") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  cancellation_signal own;
  cancellation_signal others;
  Outcome other;
  int completions = 0;
  side.actor->SendWait(bind_cancellation_slot(others.slot(), other.Note()));
  side.actor->SendEcho("x", bind_cancellation_slot(own.slot(), [&](error_code, std::string) {
                         ++completions;
                         own.emit(cancellation_type::all);
                         others.emit(cancellation_type::all);
                         CHECK(other.completions == 0);
                       }));
  side.RunUntil([&] { return other.completions == 1; });
  CHECK(other.error == kAborted);
  CHECK(completions == 1);
  side.CloseAndRun();
}

TEST_CASE("an answer right behind a cancellation is late") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  cancellation_signal signal;
  int completions = 0;
  side.actor->SendEcho("first", [&](error_code, std::string) {
    signal.emit(cancellation_type::all);  // the second answer has been received by now
  });
  side.actor->SendEcho("second",
                       bind_cancellation_slot(signal.slot(), [&](error_code error, auto text) {
                         ++completions;
                         CHECK(error == kAborted);
                         CHECK(text.empty());
                       }));
  side.RunUntil([&] { return completions == 1; });
  CHECK(side.actor->statistics().answers_late == 1);
  side.CloseAndRun();
  CHECK(completions == 1);
}

TEST_CASE("a cancelled question of a channel that ends completes once") {
  const Path path = EachPath();
  const bool cancels_first = GENERATE(true, false);
  const Guarded guarded;
  CallsSide side(path);
  cancellation_signal signal;
  Outcome outcome;
  side.actor->SendWait(bind_cancellation_slot(signal.slot(), outcome.Note()));
  if (cancels_first) signal.emit(cancellation_type::all);
  side.actor->Close();
  if (!cancels_first) signal.emit(cancellation_type::all);
  side.io.run();
  CHECK(outcome.completions == 1);
  // Which of the two was there first is for the executor to say.
  CHECK((outcome.error == kAborted || outcome.error == Errc::kClosed));
  CHECK(side.actor->destroyed == 1);
}

TEST_CASE("a question that could not be sent says so, cancelled or not") {
  const Guarded guarded;
  const auto unbound = std::make_shared<CallsParent>();
  boost::asio::io_context io;
  cancellation_signal signal;
  Outcome outcome;
  unbound->SendWait(boost::asio::bind_executor(
      io, bind_cancellation_slot(signal.slot(), Within(0s, outcome.Note()))));
  signal.emit(cancellation_type::all);
  io.run();
  CHECK(outcome.completions == 1);
  CHECK(outcome.error == Errc::kNotBound);
}

TEST_CASE("whoever is first goes on, and the other question is cancelled") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  bool done = false;
  const auto talk = [&]() -> awaitable<void> {
    const auto first = co_await (side.actor->SendWait(use_awaitable) ||
                                 side.actor->SendEcho("first", use_awaitable));
    REQUIRE(first.index() == 1);
    CHECK(std::get<1>(first) == "first");
    boost::asio::steady_timer timer(side.io, 1ms);
    const auto second =
        co_await (side.actor->SendWait(use_awaitable) || timer.async_wait(use_awaitable));
    CHECK(second.index() == 1);
    const auto [one, two] = co_await (side.actor->SendEcho("a", use_awaitable) &&
                                      side.actor->SendEcho("b", use_awaitable));
    CHECK(one + two == "ab");
  };
  boost::asio::co_spawn(side.io, talk(), [&](std::exception_ptr error) {
    CHECK(error == nullptr);
    done = true;
  });
  side.RunUntil([&] { return done; });
  side.AnswerAll();
  CHECK(side.actor->statistics().answers_late == 2);
  side.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
