// What [Priority] and [ReplyPriority] promise of what has come and waits, and what they must not do
// to the tree.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>

#include "tests/process/queue_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(PriorityQueue) {
  RunQueueChild(std::move(channel_end));
}

TEST_CASE("of what waits the highest priority goes first, and within one the oldest") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  {
    const Gate gate(parent);
    Must(parent.actor->SendPlain(1));
    Must(parent.actor->SendMedium(2));
    Must(parent.actor->SendInput(3));
    Must(parent.actor->SendVsync(4));
    Must(parent.actor->SendUrgent(5));
    Must(parent.actor->SendPlain(6));
    Must(parent.actor->SendUrgent(7));
    Must(parent.actor->SendMedium(8));
  }
  CHECK(parent.Seen().handled ==
        "urgent 5, urgent 7, vsync 4, input 3, medium 2, medium 8, plain 1, plain 6");
  parent.CloseAndRun();
}

TEST_CASE("the oldest message has its turn after so many that overtook it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  std::string expected;
  {
    const Gate gate(parent);
    Must(parent.actor->SendPlain(100));
    Must(parent.actor->SendPlain(101));
    for (std::uint32_t number = 1; number <= 40; ++number) {
      Must(parent.actor->SendUrgent(number));
      expected += (number == 1 ? "urgent " : ", urgent ") + std::to_string(number);
      if (number == 16) expected += ", plain 100";
      if (number == 32) expected += ", plain 101";
    }
  }
  CHECK(parent.Seen().handled == expected);
  parent.CloseAndRun();
}

TEST_CASE("nothing overtakes what makes or ends an actor, nor is overtaken by it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  {
    const Gate gate(parent);
    const auto slot = std::make_shared<SlotParent>();
    Must(parent.actor->SendPlain(1));
    Must(parent.actor->SendUrgent(2));
    Must(parent.actor->SendPSlotConstructor(slot, 3));
    Must(parent.actor->SendPlain(4));
    Must(slot->SendPlain(5));
    Must(slot->SendUrgent(6));
    Must(parent.actor->SendShowUrgent(slot));
    Must(slot->Send__delete__());
    Must(parent.actor->SendPlain(7));
    Must(parent.actor->SendUrgent(8));
  }
  CHECK(parent.Seen().handled ==
        "urgent 2, plain 1, made 3, urgent slot 6, shown 2, plain 4, slot 5, deleted 2, urgent 8, "
        "plain 7");
  parent.CloseAndRun();
}

TEST_CASE("what waits for an endpoint to be bound keeps its order") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  {
    const Gate gate(parent);
    const auto slot = std::make_shared<SlotParent>();
    Must(parent.actor->SendPlain(1));
    auto endpoint = Must(parent.actor->OpenPSlotEndpoint(slot));
    Must(slot->SendPlain(2));
    Must(slot->SendUrgent(3));
    Must(parent.actor->SendTake(std::move(endpoint), 4));
  }
  const std::string expected = "plain 1, taken 4, slot 2, urgent slot 3";
  std::string handled;
  while (handled.size() < expected.size()) handled = parent.Seen().handled;
  CHECK(handled == expected);
  parent.CloseAndRun();
}

TEST_CASE("a question may overtake another one, and both are answered") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  std::vector<std::uint32_t> answers;
  const auto on_answer = [&](error_code error, std::uint32_t number) {
    CHECK_FALSE(error);
    answers.push_back(number);
  };
  {
    const Gate gate(parent);
    parent.actor->SendAsk(1, on_answer);
    parent.actor->SendAskUrgent(2, on_answer);
  }
  CHECK(parent.Seen().handled == "urgent ask 2, ask 1");
  CHECK(answers == std::vector<std::uint32_t>{2, 1});
  parent.CloseAndRun();
}

TEST_CASE("an answer has the priority of its question, or its own") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, PriorityQueue);
  QueueSide parent(peer, transport);
  (void)parent.Seen();  // both sides know each other
  std::vector<std::uint32_t> answers;
  const auto on_answer = [&](error_code error, std::uint32_t number) {
    CHECK_FALSE(error);
    answers.push_back(number);
  };
  auto [here, there] = NewPipe();
  parent.actor->SendAsk(1, on_answer);
  parent.actor->SendAskSoon(2, on_answer);
  parent.actor->SendAskUrgent(3, on_answer);
  parent.actor->SendAsk(4, on_answer);
  Must(parent.actor->SendOpen(there));
  there.Reset();
  WaitForClose(here);  // all answers have come by now, and wait
  (void)parent.Seen();
  CHECK(answers == std::vector<std::uint32_t>{3, 2, 1, 4});
  parent.CloseAndRun();
}

PEER(QueueThatIsClosed) {
  io_context io;
  const auto child = std::make_shared<QueueChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->reason == ActorDestroyReason::kNormalShutdown);
  PEER_EXPECT(child->handled.text() == "urgent 2, plain 1, plain 3");
}

TEST_CASE("the end overtakes nothing of what waits") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, QueueThatIsClosed);
  QueueSide parent(peer, transport);
  {
    const Gate gate(parent);
    Must(parent.actor->SendPlain(1));
    Must(parent.actor->SendUrgent(2));
    Must(parent.actor->SendPlain(3));
    parent.actor->Close();
  }
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
