// Answers that may be an error of the protocol's own: the caller sees which.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <optional>

#include "tests/process/calls_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using boost::system::error_code;
using calls::Trouble;

PEER(Fallible) {
  RunCallsChild(std::move(channel_end));
}

TEST_CASE("an answer that may fail comes as the value or as the error") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Fallible);
  CallsSide side(peer, transport);
  const auto talk = [&]() -> awaitable<void> {
    const auto opened = co_await side.actor->SendOpen(false, use_awaitable);
    REQUIRE(opened.index() == 0);
    CHECK(std::get<0>(opened).get() >= 0);
    const auto broken = co_await side.actor->SendOpen(true, use_awaitable);
    CHECK(std::get<1>(broken) == Trouble::kBroken);

    const auto read = co_await side.actor->SendRead(false, use_awaitable);
    CHECK(std::get<CallsParent::ReadAnswer>(read).content.size() == 2);
    CHECK(std::get<CallsParent::ReadAnswer>(read).end);
    const auto unread = co_await side.actor->SendRead(true, use_awaitable);
    CHECK(std::get<calls::Wrong>(unread) == calls::Wrong{"no such page", 7});
    side.actor->Close();
  };
  boost::asio::co_spawn(side.io, talk(), boost::asio::detached);
  side.io.run();
  CHECK(side.actor->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("an error may be any alternative of a union, and an answer may have no values") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Fallible);
  CallsSide side(peer, transport);
  const auto talk = [&]() -> awaitable<void> {
    const auto nothing = co_await side.actor->SendCheck(0, use_awaitable);
    CHECK(nothing.index() == 0);
    const auto trouble = co_await side.actor->SendCheck(1, use_awaitable);
    CHECK(std::get<calls::Reason>(trouble).get<0>() == Trouble::kBroken);
    const auto wrong = co_await side.actor->SendCheck(2, use_awaitable);
    CHECK(std::get<calls::Reason>(wrong).get<1>() == calls::Wrong{"wrong", 3});
    const auto words = co_await side.actor->SendCheck(3, use_awaitable);
    CHECK(std::get<calls::Reason>(words).get<2>() == "words");
    side.actor->Close();
  };
  boost::asio::co_spawn(side.io, talk(), boost::asio::detached);
  side.io.run();
}

TEST_CASE("memory comes back with the answer or with the error") {
  const Transport transport = EachTransport();
  const bool fails = GENERATE(false, true);
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Fallible);
  CallsSide side(peer, transport);
  Shmem memory = Must(side.actor->AllocShmem(4096));
  std::optional<CallsParent::TransformReply> reply;
  side.actor->SendTransform(fails, std::move(memory),
                            [&](error_code error, CallsParent::TransformReply given) {
                              CHECK_FALSE(error);
                              reply = std::move(given);
                            });
  side.RunUntil([&] { return reply.has_value(); });
  REQUIRE(reply->index() == (fails ? 1 : 0));
  if (fails) {
    CHECK(std::get<1>(*reply).trouble == Trouble::kBusy);
    CHECK(std::get<1>(*reply).memory.bytes()[0] == std::byte{0});
  } else {
    CHECK(std::get<0>(*reply).bytes()[4095] == std::byte{9});
  }
  reply.reset();
  side.CloseAndRun();
}

TEST_CASE("an answer and an error of one type are told apart") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  std::vector<std::size_t> said;
  for (const bool fails : {true, false}) {
    side.actor->SendTwin(fails, [&](error_code error, CallsParent::TwinReply reply) {
      CHECK_FALSE(error);
      std::visit([](Trouble trouble) { CHECK(trouble == Trouble::kBroken); }, reply);
      said.push_back(reply.index());
    });
  }
  side.RunUntil([&] { return said.size() == 2; });
  CHECK(said == std::vector<std::size_t>{1, 0});
  side.CloseAndRun();
}

TEST_CASE("a question that may fail may also be refused, dropped, and out of bounds") {
  const Path path = EachPath();
  const Guarded guarded;
  CallsSide side(path);
  std::vector<std::error_code> errors;
  side.actor->SendDrop([&](const error_code error, auto) { errors.push_back(error); });
  side.actor->SendSmall(9, [&](error_code error, CallsParent::SmallReply reply) {
    errors.push_back(error);
    CHECK(std::get<0>(reply) == 9);
  });
  side.actor->SendSmall(10, [&](const error_code error, auto) { errors.push_back(error); });
  side.RunUntil([&] { return errors.size() == 3; });
  CHECK(errors[0] == Errc::kReplierDropped);
  CHECK_FALSE(errors[1]);
  CHECK(errors[2] == Errc::kOutOfBounds);
  side.actor->SendAccuse([&](const error_code error, auto) { errors.push_back(error); });
  side.RunUntil([&] { return errors.size() == 4; });
  CHECK(errors[3] == Cause::kPeerGone);
  side.RunUntil([&] { return side.actor->destroyed == 1; });
}

}  // namespace
}  // namespace baton::testing
