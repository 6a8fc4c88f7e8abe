// Every completion token, with deadlines and cancellation, over every transport.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/process/calls_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using boost::asio::use_future;
using boost::system::error_code;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

PEER(Answering) {
  RunCallsChild(std::move(channel_end));
}

TEST_CASE("every token completes, with an answer and without") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answering);
  CallsSide side(peer, transport);
  std::vector<std::string> texts;
  std::vector<error_code> errors;
  side.actor->SendEcho("detached", boost::asio::detached);
  side.actor->SendEcho("callback", [&](error_code, std::string text) { texts.push_back(text); });
  side.actor->SendWaitShortly([&](error_code error, std::uint32_t) { errors.push_back(error); });
  auto deferred = side.actor->SendEcho("deferred", boost::asio::deferred);
  const auto talk = [&]() -> awaitable<void> {
    texts.push_back(co_await side.actor->SendEcho("awaitable", use_awaitable));
    const auto [error, text] = co_await side.actor->SendEcho("tuple", as_tuple(use_awaitable));
    CHECK_FALSE(error);
    texts.push_back(text);
    texts.push_back(co_await std::move(deferred)(use_awaitable));
    const auto [late, number] = co_await side.actor->SendWaitShortly(as_tuple(use_awaitable));
    errors.push_back(late);
    const auto first = co_await (side.actor->SendWait(use_awaitable) ||
                                 side.actor->SendEcho("first", use_awaitable));
    texts.push_back(std::get<1>(first));
    // Answers what was given up above; those answers come before this one.
    const std::uint32_t answers = co_await side.actor->SendAnswerAll(use_awaitable);
    CHECK(answers == 3);
    CHECK(side.actor->statistics().answers_late == 3);
    side.actor->Close();
  };
  boost::asio::co_spawn(side.io, talk(), [](std::exception_ptr error) { CHECK(!error); });
  side.io.run();
  CHECK(texts == std::vector<std::string>{"callback", "awaitable", "tuple", "deferred", "first"});
  CHECK(errors.size() == 2);
  for (const error_code error : errors) CHECK(error == std::errc::timed_out);
}

TEST_CASE("a future waits no longer than its deadline") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answering);
  CallsSide side(peer, transport);
  auto answer = side.actor->SendEcho("hello", use_future);
  auto late = side.actor->SendWait(Within(1ms, use_future));
  std::thread runs([&] { side.io.run(); });
  CHECK(answer.get() == "hello");
  CHECK_THROWS_AS(late.get(), boost::system::system_error);
  boost::asio::post(side.io, [&] { side.actor->Close(); });
  runs.join();
  CHECK(side.actor->destroyed == 1);
}

TEST_CASE("a cancelled question leaves the conversation as it is") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Answering);
  CallsSide side(peer, transport);
  boost::asio::cancellation_signal signal;
  error_code cancelled;
  side.actor->SendLend(boost::asio::bind_cancellation_slot(
      signal.slot(), [&](error_code error, CallsParent::LendReply) { cancelled = error; }));
  bool asked = false;
  side.actor->SendEcho("x", [&](error_code, std::string) { asked = true; });
  side.RunUntil([&] { return asked; });
  signal.emit(boost::asio::cancellation_type::total);
  side.RunUntil([&] { return cancelled.failed(); });
  CHECK(cancelled == boost::asio::error::operation_aborted);
  side.AnswerAll();
  CHECK(side.actor->statistics().answers_late == 1);
  side.CloseAndRun();
  CHECK(side.actor->reason == ActorDestroyReason::kNormalShutdown);
}

}  // namespace
}  // namespace baton::testing
