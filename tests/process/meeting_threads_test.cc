// Programs that were started on their own find each other.
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "tests/process/kinds_actors.h"
#include "tests/process/meeting.h"

namespace baton::testing {
namespace {

using boost::asio::error::operation_aborted;
using boost::system::error_code;
using AcceptedParent = Accepted<::testing::PEchoParent>;

PEER(Guest) {
  RunGuest(channel_end);
}

TEST_CASE("meeting: two programs meet at a path or an abstract name, and talk") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const bool is_abstract = GENERATE(true, false);
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = is_abstract ? FreshAbstractName() : SocketIn(folder)});
  Peer peer = START_PEER(kind, Guest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.Meet();
  host.RunUntil([&] { return host.met; });
  REQUIRE_FALSE(host.error);
  CHECK(host.peer.pid == (kind == PeerKind::kProcess ? peer.pid() : getpid()));
  CHECK(host.peer.uid == geteuid());
  CHECK(host.peer.gid == getegid());
  host.TalkAndClose();
  CHECK(host.listener.statistics().admitted == 1);
}

TEST_CASE("meeting: a listener to which nobody comes has nothing to do, not even a timer") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder), .introduction_deadline = std::chrono::hours(1)});
  Peer peer = START_PEER(PeerKind::kThread, Guest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.Meet();
  host.RunUntil([&] { return host.met; });
  host.TalkAndClose();
  host.io.restart();
  host.io.run();  // comes back: there is no work, although the listener lives
}

// Listens for whom it is told to be the child of.
PEER(ListeningChild) {
  io_context io;
  auto listener = Must(Listener::Create(io.get_executor(), {.address = Hear(channel_end)}));
  const auto child = std::make_shared<EchoChild>();
  listener.Accept<::testing::PEchoChild>(
      [&](error_code error, Accepted<::testing::PEchoChild> accepted) {
        PEER_EXPECT(!error);
        Must(std::move(accepted.endpoint).Bind(child, io.get_executor()));
      });
  io.run();
  PEER_EXPECT(child->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("meeting: the child may be the one that listens, and the parent may be too early") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  const ScratchFolder folder;
  Peer peer = START_PEER(kind, ListeningChild);
  const platform::Handle end = peer.TakeEnd();
  ConnectOptions options;
  options.address = SocketIn(folder);
  CHECK(Connect<::testing::PEchoParent>(options).error() == std::errc::no_such_file_or_directory);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  std::string answer;
  options.wait_for_listener = true;
  Connect<::testing::PEchoParent>(io.get_executor(), options,
                                  [&](error_code error, Endpoint<::testing::PEchoParent> endpoint) {
                                    REQUIRE_FALSE(error);
                                    Must(std::move(endpoint).Bind(parent, io.get_executor()));
                                    parent->SendEcho("early", [&](error_code, std::string text) {
                                      answer = std::move(text);
                                      parent->Close();
                                    });
                                  });
  Tell(end, options.address);
  io.run();
  CHECK(answer == "early");
  CHECK(parent->destroyed == 1);
}

// Coroutines, for what reads like the documentation.
boost::asio::awaitable<void> Serve(Host& host, int guests) {
  for (int i = 0; i < guests; ++i) {
    auto accepted =
        co_await host.listener.Accept<::testing::PEchoParent>(boost::asio::use_awaitable);
    host.actor = std::make_shared<EchoParent>();
    Must(std::move(accepted.endpoint).Bind(host.actor, host.io.get_executor()));
    const std::string answer =
        co_await host.actor->SendEcho(std::to_string(i), boost::asio::use_awaitable);
    CHECK(answer == std::to_string(i));
    host.actor->Close();
  }
}

TEST_CASE("meeting: several come, at once and one after the other") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  constexpr int kGuests = 6;
  std::vector<Peer> peers;
  std::vector<platform::Handle> ends;
  for (int i = 0; i < kGuests; ++i) {
    peers.push_back(START_PEER(i % 2 == 0 ? PeerKind::kThread : PeerKind::kProcess, Guest));
    ends.push_back(peers.back().TakeEnd());
    Tell(ends.back(), Directions(host.address));
  }
  boost::asio::co_spawn(host.io, Serve(host, kGuests), boost::asio::detached);
  host.io.run();
  CHECK(host.listener.statistics().admitted == kGuests);
}

TEST_CASE("meeting: on a strand of a thread pool, with futures") {
  const Guarded guarded;
  const ScratchFolder folder;
  boost::asio::thread_pool pool(3);
  const boost::asio::any_io_executor strand = boost::asio::make_strand(pool);
  auto listener = Must(Listener::Create(strand, {.address = SocketIn(folder)}));
  ConnectOptions options;
  options.address = SocketIn(folder);
  std::vector<std::future<AcceptedParent>> accepted;
  std::vector<std::future<Endpoint<::testing::PEchoChild>>> connected;
  const int guests = 8;
  // Kept to the end: TSan cannot see the fence between the last two owners of an any_io_executor.
  std::vector<boost::asio::any_io_executor> strands;
  boost::asio::post(strand, [&] {
    for (int i = 0; i < guests; ++i) {
      accepted.push_back(listener.Accept<::testing::PEchoParent>(boost::asio::use_future));
    }
  });
  for (int i = 0; i < guests; ++i) {
    strands.push_back(boost::asio::make_strand(pool));
    connected.push_back(
        Connect<::testing::PEchoChild>(strands.back(), options, boost::asio::use_future));
  }
  for (auto& each : connected) each.get();
  std::promise<void> closed;
  boost::asio::post(strand, [&] {
    listener.Close();
    closed.set_value();
  });
  closed.get_future().wait();
  for (auto& each : accepted) CHECK(each.get().peer.pid == getpid());
  pool.join();
}

// --- The end of waiting --------------------------------------------------------------------------

TEST_CASE("meeting: a waiting Accept ends when it, all, or the listener is cancelled") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  boost::asio::cancellation_signal signal;
  bool inside = true;
  const auto expect_aborted = [&](error_code error, AcceptedParent) {
    CHECK_FALSE(inside);
    host.error = error;
  };
  host.listener.Accept<::testing::PEchoParent>(
      boost::asio::bind_cancellation_slot(signal.slot(), expect_aborted));
  SECTION("it") {
    signal.emit(boost::asio::cancellation_type::terminal);
  }
  SECTION("all of them") {
    host.listener.Cancel();
  }
  SECTION("the listener") {
    host.listener.Close();
  }
  SECTION("the listener, by its end") {
    const Listener ended = std::move(host.listener);
  }
  inside = false;
  host.io.run();  // and nothing is left to do
  CHECK(host.error == operation_aborted);
}

TEST_CASE("meeting: after a cancellation the listener goes on") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  host.Meet();
  host.listener.Cancel();
  const auto early = host.error;
  host.Meet();  // while the cancelled wait is still on its way
  Peer peer = START_PEER(PeerKind::kThread, Guest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.RunUntil([&] { return host.met && !host.error; });
  CHECK_FALSE(early);
  host.TalkAndClose();
}

TEST_CASE("meeting: an Accept after Close is aborted, not inside the call") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  host.listener.Close();
  CHECK(folder.NamesIn(".").empty());
  host.Meet();
  CHECK_FALSE(host.met);
  host.RunUntil([&] { return host.met; });
  CHECK(host.error == operation_aborted);
}

TEST_CASE("meeting: an io_context that goes away takes along who waits, and what that owns") {
  const Guarded guarded;
  const ScratchFolder folder;
  const auto owned = std::make_shared<int>();
  {
    io_context io;
    auto listener = std::make_shared<Listener>(
        Must(Listener::Create(io.get_executor(), {.address = SocketIn(folder)})));
    // Two circles: a handler that holds its listener, and a connection that is never answered.
    listener->Accept<::testing::PEchoParent>([listener, owned](error_code, AcceptedParent) {});
    const auto silent = Must(platform::ConnectLocal(SocketIn(folder)));
    ConnectOptions options;
    options.address = SocketIn(folder) + "2";
    options.wait_for_listener = true;
    Connect<::testing::PEchoChild>(io.get_executor(), options,
                                   [owned](error_code, Endpoint<::testing::PEchoChild>) {});
    io.poll();
    CHECK(listener->statistics().half_open == 1);
    CHECK(owned.use_count() > 1);
  }
  CHECK(owned.use_count() == 1);
  CHECK(folder.NamesIn(".").empty());
}

TEST_CASE("meeting: a listener that is closed waits for nobody who has begun to come") {
  const Guarded guarded;
  const ScratchFolder folder;
  io_context io;
  auto listener = Must(Listener::Create(io.get_executor(), {.address = SocketIn(folder)}));
  error_code seen;
  listener.Accept<::testing::PEchoParent>([&](error_code error, AcceptedParent) { seen = error; });
  const auto silent = Must(platform::ConnectLocal(SocketIn(folder)));
  io.poll();
  CHECK(listener.statistics().half_open == 1);
  listener.Close();
  io.run();  // returns, although that one says nothing and stays
  CHECK(seen == boost::asio::error::operation_aborted);
  CHECK(Hear(silent).empty());
}

TEST_CASE("meeting: a Connect ends when it is cancelled, or at its deadline") {
  const Guarded guarded;
  const ScratchFolder folder;
  auto mute = Must(platform::LocalListener::Listen(SocketIn(folder), 0600));
  io_context io;
  ConnectOptions options;
  options.address = SocketIn(folder);
  error_code seen;
  boost::asio::cancellation_signal signal;
  const auto on_end = [&](error_code error, Endpoint<::testing::PEchoChild>) { seen = error; };
  SECTION("cancelled") {
    Connect<::testing::PEchoChild>(io.get_executor(), options,
                                   boost::asio::bind_cancellation_slot(signal.slot(), on_end));
    io.poll();
    signal.emit(boost::asio::cancellation_type::terminal);
    io.run();
    CHECK(seen == operation_aborted);
  }
  SECTION("too late") {
    options.deadline = std::chrono::milliseconds(20);
    Connect<::testing::PEchoChild>(io.get_executor(), options, on_end);
    io.run();
    CHECK(seen == std::errc::timed_out);
  }
}

// --- Failures ------------------------------------------------------------------------------------

TEST_CASE("meeting: connecting to where nobody is says why") {
  const Guarded guarded;
  const ScratchFolder folder;
  const auto why = [](const std::string& address) {
    ConnectOptions options;
    options.address = address;
    return Connect<::testing::PEchoChild>(options).error();
  };
  CHECK(why(SocketIn(folder)) == std::errc::no_such_file_or_directory);
  CHECK(why(FreshAbstractName()) == std::errc::connection_refused);
  CHECK(why("") == std::errc::invalid_argument);
  CHECK(why(std::string(200, 'x')) == std::errc::filename_too_long);
}

TEST_CASE("meeting: a listener that goes away while somebody connects has gone") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  ConnectOptions options;
  options.address = host.address;
  error_code seen;
  Connect<::testing::PEchoChild>(
      host.io.get_executor(), options,
      [&](error_code error, Endpoint<::testing::PEchoChild>) { seen = error; });
  host.io.poll();  // nobody accepts
  host.listener.Close();
  host.io.run();
  CHECK(seen == Cause::kPeerGone);
}

// Both ends of a met connection, between `host_side` and `guest_side`.
void MeetAndRun(const std::shared_ptr<KindsActor>& host_side,
                const std::shared_ptr<KindsActor>& guest_side) {
  const ScratchFolder folder;
  io_context io;
  auto listener = Must(Listener::Create(io.get_executor(), {.address = SocketIn(folder)}));
  listener.Accept<KindsActor>([&](error_code error, Accepted<KindsActor> accepted) {
    REQUIRE_FALSE(error);
    Must(std::move(accepted.endpoint).Bind(host_side, io.get_executor()));
  });
  ConnectOptions options;
  options.address = SocketIn(folder);
  Connect<KindsActor>(io.get_executor(), options,
                      [&](error_code error, Endpoint<KindsActor> endpoint) {
                        REQUIRE_FALSE(error);
                        Must(std::move(endpoint).Bind(guest_side, io.get_executor()));
                      });
  io.run();
  CHECK(host_side->destroyed == 1);
  CHECK(guest_side->destroyed == 1);
}

TEST_CASE("meeting: who speaks another protocol, or another text of it, learns it at both ends") {
  const Guarded guarded;
  static const wire::Protocol kOther = {"testing::POther", 0x444, 1, kinds::kAll, kinds::kAll};
  static const wire::Protocol kChanged = {"testing::PKinds", 0x555, 1, kinds::kAll, kinds::kAll};
  const bool is_other = GENERATE(true, false);
  const auto host = std::make_shared<KindsActor>(kinds::kVersion1, Side::kParent);
  const auto guest = std::make_shared<KindsActor>(is_other ? kOther : kChanged, Side::kChild);
  MeetAndRun(host, guest);
  const Rule rule = is_other ? Rule::kProtocolMismatch : Rule::kSchemaMismatch;
  for (const auto& side : {host, guest}) {
    INFO(side->close_detail());
    CHECK(side->close_error() == rule);
    CHECK_THAT(side->close_detail(), Catch::Contains("testing::PKinds"));
    if (is_other) {
      CHECK_THAT(side->close_detail(), Catch::Contains("testing::POther"));
    } else {
      CHECK_THAT(side->close_detail(), Catch::Contains("111") && Catch::Contains("555"));
    }
  }
}

// --- Death ---------------------------------------------------------------------------------------

bool HasEnded(const platform::Handle& death) {
  pollfd state = {death.get(), POLLIN, 0};
  return ::poll(&state, 1, 0) == 1;
}

TEST_CASE("meeting: both sides watch the other's process, not only its socket") {
  const Guarded guarded;
  const ScratchFolder folder;
  SECTION("the listening side") {
    RawHost host({.address = SocketIn(folder)});
    Peer peer = START_PEER(PeerKind::kProcess, Guest);
    const platform::Handle end = peer.TakeEnd();
    Tell(end, Directions(SocketIn(folder)));
    const internal::MetParts met = host.Meet();
    CHECK(met.peer.pid == peer.pid());
    REQUIRE(met.endpoint.peer_death);
    CHECK_FALSE(HasEnded(met.endpoint.peer_death));
    peer.Kill();
    CHECK(HasEnded(met.endpoint.peer_death));
  }
  SECTION("the connecting side") {
    Peer peer = START_PEER(PeerKind::kProcess, ListeningChild);
    const platform::Handle end = peer.TakeEnd();
    Tell(end, SocketIn(folder));
    ConnectOptions options;
    options.address = SocketIn(folder);
    options.wait_for_listener = true;
    const internal::EndpointParts met = Must(internal::ConnectParts(options));
    REQUIRE(met.peer_death);
    CHECK_FALSE(HasEnded(met.peer_death));
    peer.Kill();
    CHECK(HasEnded(met.peer_death));
  }
}

TEST_CASE("meeting: what a killed listener left is taken over") {
  const Guarded guarded;
  const ScratchFolder folder;
  ConnectOptions options;
  options.address = SocketIn(folder);
  options.wait_for_listener = true;
  {
    Peer peer = START_PEER(PeerKind::kProcess, ListeningChild);
    const platform::Handle end = peer.TakeEnd();
    Tell(end, SocketIn(folder));
    const auto met = Must(Connect<::testing::PEchoParent>(options));  // else it ends in good order
    peer.Kill();
  }
  CHECK(folder.NamesIn(".").size() == 2);
  Host host({.address = SocketIn(folder)});
  Peer peer = START_PEER(PeerKind::kThread, Guest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.Meet();
  host.RunUntil([&] { return host.met; });
  host.TalkAndClose();
}

}  // namespace
}  // namespace baton::testing
