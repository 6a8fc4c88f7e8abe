// Sync messages: what SendX returns, what happens to everything else meanwhile, and how a wait
// ends.
#include <catch2/catch.hpp>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "tests/process/sync_both_sides.h"
#include "tests/support/flaky_stream.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

PEER(AnswersSync) {
  RunSyncParent(std::move(channel_end));
}

std::vector<std::uint64_t> UpTo(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

TEST_CASE("sync: SendX returns the answer") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  CHECK(Must(child.actor->SendAsk(1)) == 2);  // the first one waits for HELLO as well
  CHECK(Must(child.actor->SendAsk(5, 20s)) == 6);
  CHECK(child.actor->SendTell("anything"));
  CHECK(child.actor->SendConfirm());
  Shmem memory = Must(child.actor->AllocShmem(5000));
  auto swapped = Must(child.actor->SendSwap(std::move(memory), "there and"));
  CHECK(swapped.text_back == "there and back");
  CHECK(swapped.memory_back.bytes()[4999] == std::byte{7});
  for (const std::uint32_t size : {0U, 1U, 4'000U, 5'000U, 60'000U, 300'000U}) {
    CHECK(Must(child.actor->SendFetch(0, 0, size)).content.size() == size);
  }
  child.CloseAndRun();
  CHECK(child.actor->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("sync: a refusal is an error, and the channel goes on") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  CHECK(child.Do(Action::kRefuse).error() == std::errc::device_or_resource_busy);
  CHECK(child.actor->SendTell("").error() == Errc::kRejected);
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  child.CloseAndRun();
}

TEST_CASE("sync: what was sent before the question is handled before it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  {
    const HoldBack gather(*child.actor);
    for (std::uint64_t number = 1; number <= 100; ++number) Must(child.actor->SendNote(number));
    CHECK(Must(child.Do(Action::kCountNotes)) == 100);  // whatever is held back
  }
  child.CloseAndRun();
}

TEST_CASE("sync: an answer leaves although the other side holds back what it sends") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  Must(child.Do(Action::kHoldBack));
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  CHECK(Must(child.actor->SendDive(3)) == 3);
  child.CloseAndRun();
}

TEST_CASE("sync: data that was sent before the answer is dispatched after the wait, in order") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  std::uint64_t answered = 0;
  child.actor->SendQuestion(
      7, [&](boost::system::error_code, std::uint64_t number) { answered = number; });
  CHECK(Must(child.actor->SendFetch(500, 100, 10)).sent == 500);
  CHECK(child.actor->pieces.empty());
  CHECK(answered == 0);
  CHECK(Must(child.actor->SendAsk(1)) == 2);
  CHECK(child.actor->pieces.empty());
  child.RunUntil([&] { return child.actor->pieces.size() == 500; });
  CHECK(child.actor->pieces == UpTo(500));
  CHECK(answered == 8);
  child.CloseAndRun();
}

TEST_CASE("sync: a handler may wait, and data goes on behind it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  std::uint64_t asked = 0;
  child.actor->on_piece = [&] { asked = Must(child.actor->SendAsk(asked)); };
  Must(child.actor->SendFetch(200, 3000, 10));
  child.RunUntil([&] { return child.actor->pieces.size() == 200; });
  CHECK(child.actor->pieces == UpTo(200));
  CHECK(asked == 200);
  child.CloseAndRun();
}

TEST_CASE("sync: the answer comes although there is no room for data any more") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  const auto fetched = Must(child.actor->SendFetch(1'000'000, 10'000, 10));  // until kWouldBlock
  CHECK(fetched.sent > 100);
  CHECK(fetched.sent < 1'000);
  CHECK(child.actor->pieces.empty());
  // Without a ring the next answer is behind all of that, and there is no room for so much here.
  if (transport.path != Path::kSocket) CHECK(Must(child.actor->SendAsk(1)) == 2);
  child.RunUntil([&] { return child.actor->pieces.size() == fetched.sent; });
  CHECK(child.actor->pieces == UpTo(fetched.sent));
  CHECK(child.actor->statistics().most_queued_bytes < 100'000);
  child.CloseAndRun();
}

TEST_CASE("sync: the peer closes while somebody waits for it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  SECTION("at once") {
    CHECK(child.Do(Action::kClose).error() == Errc::kPeerClosed);
  }
  SECTION("behind data") {
    Must(child.actor->SendFetch(10, 10, 10));
    CHECK(child.Do(Action::kClose).error() == Errc::kPeerClosed);
    CHECK(child.actor->pieces.empty());
    CHECK(child.actor->SendAsk(1).error() == Errc::kPeerClosed);
  }
  child.io.run();
  CHECK(child.actor->destroyed == 1);
  CHECK(child.actor->reason == ActorDestroyReason::kNormalShutdown);
  CHECK(child.actor->SendAsk(1).error() == Errc::kClosed);
}

TEST_CASE("sync: a handler that accuses ends the channel, and with it the wait") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  CHECK(child.Do(Action::kAccuse).error() == Errc::kPeerDied);
  child.io.run();
  CHECK(child.actor->destroyed == 1);
}

TEST_CASE("sync: a handler over there that throws refuses, and ends the channel") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, AnswersSync);
  AskingSide child(peer, transport);
  CHECK(child.Do(Action::kThrow).error() == Errc::kReplierDropped);
  child.io.run();
  CHECK(child.actor->destroyed == 1);
}

TEST_CASE("sync: before Bind and after the end SendX says so") {
  const Guarded guarded;
  const auto actor = std::make_shared<SyncChild>();
  CHECK(actor->SendAsk(1).error() == Errc::kNotBound);
}

// A stream that gives and takes a few bytes at a time, and runs out of room at random.
internal::EndpointParts Flaky(platform::Handle socket, unsigned seed) {
  return {.socket = {}, .source = std::make_shared<FlakySource>(std::move(socket), seed)};
}

TEST_CASE("sync: answers come whole through a stream that makes trouble") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  CAPTURE(seed, static_cast<int>(path));
  const Guarded guarded;
  auto ends = Must(platform::CreateSocketPair());
  std::thread answers([&, end = std::move(ends.second)]() mutable {
    io_context io;
    const auto parent = std::make_shared<SyncParent>();
    Must(internal::BindEndpoint(Flaky(std::move(end), ~seed), parent, io.get_executor(),
                                OptionsFor(path)));
    io.run();
  });
  AskingSide child({Flaky(std::move(ends.first), seed), OptionsFor(path)});
  for (std::uint64_t number = 0; number < 50; ++number) {
    CHECK(Must(child.actor->SendAsk(number)) == number + 1);
    Must(child.actor->SendNote(number));
    CHECK(Must(child.actor->SendDive(number % 8)) == number % 8);
    CHECK(Must(child.actor->SendFetch(3, 500, 9'000)).content.size() == 9'000);
    Shmem memory = Must(child.actor->AllocShmem(100));
    CHECK(child.actor->SendSwap(std::move(memory), "x"));
  }
  CHECK(Must(child.Do(Action::kCountNotes)) == 50);
  child.RunUntil([&] { return child.actor->pieces.size() == 150; });
  child.CloseAndRun();
  answers.join();
}

// --- Nobody answers while somebody waits ---------------------------------------------------------

TEST_CASE("sync: the deadline ends the wait, and the late answer is dropped and counted") {
  const Path path = EachPath();
  const Guarded guarded;
  BothSides sides(path);
  CHECK(sides.child->SendAsk(1, 1ms).error() == std::errc::timed_out);
  CHECK(sides.child->SendHurry(1).error() == std::errc::timed_out);
  CHECK(sides.child->SendAsk(1, 0ms).error() == std::errc::timed_out);
  CHECK(sides.child->SendAsk(1, -5s).error() == std::errc::timed_out);
  Shmem memory = Must(sides.child->AllocShmem(5000));
  CHECK(sides.child->SendSwap(std::move(memory), "x", 1ms).error() == std::errc::timed_out);
  CHECK(memory.state() == ShmemState::kSent);
  std::uint64_t answered = 0;
  sides.child->SendQuestion(1, [&](boost::system::error_code, std::uint64_t number) {
    answered = number;
    sides.child->Close();
  });
  sides.io.restart();
  sides.io.run();
  CHECK(answered == 2);
  CHECK(sides.child->statistics().answers_late == 5);
  CHECK(sides.child->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("sync: what comes late for a question leaves the next one alone") {
  const Path path = EachPath();
  const Guarded guarded;
  BothSides sides(path);
  CHECK(sides.child->SendAsk(1, 1ms).error() == std::errc::timed_out);
  for (int i = 0; i < 200; ++i) sides.Poll();
  CHECK(sides.child->statistics().answers_late == 1);
  CHECK(sides.child->SendAsk(7, 1ms).error() == std::errc::timed_out);
  sides.CloseAndRun();
}

TEST_CASE("sync: a wait may begin in any call of the loop") {
  const Path path = EachPath();
  const Guarded guarded;
  BothSides sides(path);
  std::vector<std::error_code> errors;
  const auto ask = [&] {
    errors.push_back(sides.child->SendAsk(1, 1ms).error());
    if (errors.size() == 2) sides.child->Close();
  };
  boost::asio::post(sides.io, ask);
  sides.child->SendQuestion(1, [&](boost::system::error_code, std::uint64_t) { ask(); });
  sides.io.run();
  CHECK(errors == std::vector<std::error_code>(2, std::make_error_code(std::errc::timed_out)));
}

}  // namespace
}  // namespace baton::testing
