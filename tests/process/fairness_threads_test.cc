// A peer that floods takes its share of its executor's time, and no more. Counted, not timed.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <chrono>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr int kQuestions = 200;

// What one turn may dispatch of one channel: 64 frames, or as many as 16 receives bring when none
// of them brings that many; in the ring, what comes within a turn of 5 us.
constexpr std::uint64_t kMostPerTurn = 1100;

// Sends without an end, as fast as there is room.
PEER(Flooding) {
  boost::asio::io_context io;
  const auto child = std::make_shared<LoadChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  std::uint64_t number = 0;
  std::function<void()> flood = [&] {
    while (child->SendPiece(number, ContentOf(number, 64))) ++number;
    child->Drained([&](error_code error) {
      if (!error) flood();
    });
  };
  flood();
  io.run();
}

PEER(AnsweringFairly) {
  boost::asio::io_context io;
  const auto child = std::make_shared<LoadChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
}

// A handler that is always ready again, and a timer that is always due.
struct Bystanders {
  explicit Bystanders(boost::asio::io_context& io, const std::uint64_t& flood)
      : io_(io), flood_(flood), timer_(io) {
    Post();
    Wait();
  }

  std::uint64_t posts = 0;
  std::uint64_t ticks = 0;
  std::uint64_t most_between = 0;  // pieces of the flood between two posts
  bool stop = false;

 private:
  void Post() {
    boost::asio::post(io_, [this, before = flood_] {
      ++posts;
      most_between = std::max(most_between, flood_ - before);
      if (!stop) Post();
    });
  }
  void Wait() {
    timer_.expires_after(std::chrono::microseconds(200));
    timer_.async_wait([this](error_code) {
      ++ticks;
      if (!stop) Wait();
    });
  }

  boost::asio::io_context& io_;
  const std::uint64_t& flood_;
  boost::asio::steady_timer timer_;
};

TEST_CASE("beside a flood, another channel, a handler and a timer get their turns") {
  const auto transport = GENERATE(values<Transport>({{PeerKind::kThread, Path::kInProcess},
                                                     {PeerKind::kProcess, Path::kSocket},
                                                     {PeerKind::kProcess, Path::kRing},
                                                     {PeerKind::kProcess, Path::kRingAsleep}}));
  const Guarded guarded;
  Peer flooding_peer = START_PEER(transport.peer, Flooding);
  Link flooding_link = Offer(flooding_peer, transport);
  boost::asio::io_context io(1);
  const auto flooder = std::make_shared<LoadParent>();
  Must(internal::BindEndpoint(std::move(flooding_link.parts), flooder, io.get_executor(),
                              flooding_link.options));
  const auto run_until = [&](auto done) {
    while (!done() && io.run_one() > 0) {
    }
  };
  run_until([&] { return flooder->received > 0; });

  Peer victim_peer = START_PEER(transport.peer, AnsweringFairly);
  Link victim_link = Offer(victim_peer, transport);
  const auto victim = std::make_shared<LoadParent>();
  Must(internal::BindEndpoint(std::move(victim_link.parts), victim, io.get_executor(),
                              victim_link.options));
  Bystanders bystanders(io, flooder->received);
  int answered = 0;
  std::uint64_t flood_at_first = 0;
  // A machine of few CPUs may run only one of the two peers for a while: ask until both had theirs.
  const auto has_seen_all = [&] {
    return answered >= kQuestions && bystanders.ticks >= 20 && flooder->received > flood_at_first;
  };
  std::function<void()> ask = [&] {
    victim->SendAsk(1, [&](error_code error, std::uint64_t) {
      if (!error && ++answered == 1) flood_at_first = flooder->received;
      if (!error && !has_seen_all()) ask();
    });
  };
  ask();
  run_until(has_seen_all);
  const std::uint64_t flood_meanwhile = flooder->received - flood_at_first;
  CHECK(answered >= kQuestions);
  CHECK(bystanders.posts * kMostPerTurn >= flood_meanwhile);
  CHECK(bystanders.most_between <= kMostPerTurn);
  // The flood goes on, too.
  const std::uint64_t flood_now = flooder->received;
  run_until([&] { return flooder->received >= flood_now + 1000; });

  bystanders.stop = true;
  victim->Close();
  flooder->Close();
  io.run();
  CHECK(victim->destroyed == 1);
  CHECK(flooder->destroyed == 1);
}

}  // namespace
}  // namespace baton::testing
