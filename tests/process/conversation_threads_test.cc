// What two sides say to each other, once with threads and once with processes.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using boost::asio::use_future;
using boost::system::error_code;

PEER(Echo) {
  RunEchoChild(std::move(channel_end));
}

TEST_CASE("a question is answered to a callback") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  std::optional<std::string> answer;
  parent.actor->SendEcho("hello", [&](error_code error, std::string text) {
    CHECK_FALSE(error);
    answer = std::move(text);
  });
  CHECK_FALSE(answer.has_value());  // never inside SendX
  parent.RunUntil([&] { return answer.has_value(); });
  CHECK(answer == "hello");
  parent.CloseAndRun();
  CHECK(parent.actor->destroyed == 1);
  CHECK(parent.actor->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("a question is answered to a future") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  auto answer = parent.actor->SendEcho("hello", use_future);
  auto refused = parent.actor->SendRefuse(EBUSY, use_future);
  std::thread runs([&] { parent.io.run(); });
  CHECK(answer.get() == "hello");
  CHECK_THROWS_AS(refused.get(), boost::system::system_error);
  boost::asio::post(parent.io, [&] { parent.actor->Close(); });
  runs.join();
}

TEST_CASE("a question is answered to a coroutine") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  int answers = 0;
  const auto talk = [&]() -> awaitable<void> {
    for (int i = 0; i < 100; ++i) {
      const auto text = co_await parent.actor->SendEcho(std::to_string(i), use_awaitable);
      CHECK(text == std::to_string(i));
      ++answers;
    }
    const auto [error, never] = co_await parent.actor->SendRefuse(EBUSY, as_tuple(use_awaitable));
    CHECK(error == std::errc::device_or_resource_busy);
    parent.actor->Close();
  };
  boost::asio::co_spawn(parent.io, talk(), boost::asio::detached);
  parent.io.run();
  CHECK(answers == 100);
}

TEST_CASE("a deferred question was sent before anybody waits for it") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  auto later = parent.actor->SendEcho("deferred", boost::asio::deferred);
  Must(parent.actor->SendCount(1));
  parent.RunUntil([&] { return !parent.actor->counted.empty(); });  // so the answer is here, too
  std::string answer;
  std::move(later)([&](error_code, std::string text) { answer = std::move(text); });
  CHECK(answer.empty());
  parent.RunUntil([&] { return !answer.empty(); });
  CHECK(answer == "deferred");
  parent.CloseAndRun();
}

TEST_CASE("a completion runs on the executor of its handler") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  io_context other;
  std::string answer;
  parent.actor->SendEcho("elsewhere",
                         boost::asio::bind_executor(other, [&](error_code, std::string text) {
                           answer = std::move(text);
                           boost::asio::post(parent.io, [&] { parent.actor->Close(); });
                         }));
  std::thread runs([&] { parent.io.run(); });
  other.run();  // has work until the answer is here
  CHECK(answer == "elsewhere");
  runs.join();
}

TEST_CASE("every sort of value survives the way there and back") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  const ::testing::Note note = {"grüß dich", {1, 2, 4'000'000'000U}, ::testing::Mood::kBusy, "Ada"};
  bool answered = false;
  parent.actor->SendDescribe(note, [&](error_code error, EchoParent::DescribeReply reply) {
    CHECK_FALSE(error);
    CHECK(reply.length == note.text.size());
    CHECK(reply.mood == ::testing::Mood::kBusy);
    CHECK(reply.copy == note);
    answered = true;
  });
  parent.RunUntil([&] { return answered; });
  parent.CloseAndRun();
}

TEST_CASE("messages without an answer arrive in order") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  std::vector<std::uint64_t> expected;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    Must(parent.actor->SendCount(number));
    expected.push_back(number + 1);
  }
  parent.RunUntil([&] { return parent.actor->counted.size() == expected.size(); });
  CHECK(parent.actor->counted == expected);
  parent.CloseAndRun();
}

TEST_CASE("both sides may ask the same question") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
  Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  int answers = 0;
  const auto count = [&](std::uint64_t expected) {
    return [&, expected](error_code error, std::uint64_t number) {
      CHECK_FALSE(error);
      CHECK(number == expected);
      if (++answers == 2) parent->Close();
    };
  };
  parent->SendPing(1, count(1));
  child->SendPing(2, count(2));
  io.run();
  CHECK(answers == 2);
  CHECK(parent->destroyed == 1);
  CHECK(child->destroyed == 1);
}

TEST_CASE("a dropped question and a refused one say so") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Echo);
  ParentSide parent(peer, transport);
  std::vector<std::error_code> errors;
  const auto note = [&](error_code error, bool) { errors.push_back(error); };
  parent.actor->SendDrop(note);
  parent.actor->SendRefuse(ENOSPC, note);
  parent.actor->SendRefuse(0, note);
  parent.RunUntil([&] { return errors.size() == 3; });
  CHECK(errors[0] == Errc::kReplierDropped);
  CHECK(errors[1] == std::errc::no_space_on_device);
  CHECK(errors[2] == Errc::kRejected);
  parent.CloseAndRun();
}

TEST_CASE("an endpoint is not bound to null, and its other end hears of that") {
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(EachPath());
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.second).Bind(child, io.get_executor()));
  const std::shared_ptr<EchoParent> nobody;
  const auto bound = std::move(ends.first).Bind(nobody, io.get_executor());
  CHECK(bound.error() == Errc::kWrongActor);
  io.run();
  CHECK(child->destroyed == 1);
  CHECK(child->close_error() == Errc::kPeerDied);
}

TEST_CASE("an unbound actor cannot send, and says so to every token") {
  const Guarded guarded;
  const auto actor = std::make_shared<EchoParent>();
  CHECK(actor->SendCount(1).error() == Errc::kNotBound);
  CHECK(actor->AllocShmem(1).error() == Errc::kNotBound);
  CHECK_FALSE(actor->CanSend());
  auto answer = actor->SendEcho("nobody", use_future);
  CHECK_THROWS_AS(answer.get(), boost::system::system_error);
}

}  // namespace
}  // namespace baton::testing
