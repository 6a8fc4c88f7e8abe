// What [Compress] promises: which message takes whose place, and what becomes of the other one.
#include <catch2/catch.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/async.h>

#include "tests/process/queue_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(Queue) {
  RunQueueChild(std::move(channel_end));
}

TEST_CASE("a compressed message takes the place of one that was sent right before it") {
  const Transport transport = EachTransport();
  const std::size_t size = GENERATE(std::size_t{0}, std::size_t{70'000});
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Queue);
  QueueSide parent(peer, transport);
  const auto send_newest = [&](std::uint32_t number) {
    Must(parent.actor->SendNewest(number,
                                  std::vector<std::byte>(size, static_cast<std::byte>(number))));
  };
  {
    const Gate gate(parent);
    for (const std::uint32_t number : {1, 2, 3}) send_newest(number);
    Must(parent.actor->SendPlain(4));
    send_newest(5);
    send_newest(6);
  }
  const auto seen = parent.Seen();
  CHECK(seen.handled == "newest 3, plain 4, newest 6");
  CHECK(seen.compressed == 3);
  parent.CloseAndRun();
}

TEST_CASE("with `all` it takes the place of any that waits, and comes last") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Queue);
  QueueSide parent(peer, transport);
  {
    const Gate gate(parent);
    Must(parent.actor->SendLatest(1));
    Must(parent.actor->SendPlain(2));
    Must(parent.actor->SendLatest(3));
    Must(parent.actor->SendLatestInput(4));
    Must(parent.actor->SendPlain(5));
    Must(parent.actor->SendLatest(6));
    Must(parent.actor->SendLatestInput(7));
  }
  const auto seen = parent.Seen();
  CHECK(seen.handled == "latest input 7, plain 2, plain 5, latest 6");
  CHECK(seen.compressed == 3);
  parent.CloseAndRun();
}

TEST_CASE("messages to different actors do not take each other's place") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Queue);
  QueueSide parent(peer, transport);
  const auto one = std::make_shared<SlotParent>();
  const auto other = std::make_shared<SlotParent>();
  Must(parent.actor->SendPSlotConstructor(one, 1));
  Must(parent.actor->SendPSlotConstructor(other, 2));
  {
    const Gate gate(parent);
    Must(one->SendLatest(3));
    Must(other->SendLatest(4));
    Must(one->SendLatest(5));
    Must(parent.actor->SendLatest(6));
    Must(other->SendLatest(7));
    Must(other->Send__delete__());
  }
  CHECK(parent.Seen().handled ==
        "made 1, made 2, latest slot 5, latest 6, latest slot 7, deleted 4");
  parent.CloseAndRun();
}

TEST_CASE("memory and files in a message that is dropped are let go of, on both sides") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Queue);
  Link link = Offer(peer, transport);
  link.options.max_shmem_count = 8;
  QueueSide parent(std::move(link));
  constexpr std::uint32_t kRounds = 10;
  std::string expected;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    {
      const Gate gate(parent);
      for (const std::uint32_t number : {1, 2, 3}) {
        Shmem memory = Must(parent.actor->AllocShmem(5000));
        memory.bytes().front() = static_cast<std::byte>(number);
        const auto [file, unused] = NewPipe();
        Must(parent.actor->SendNewestMemory(std::move(memory), file, number));
      }
    }
    expected += round == 0 ? "memory 3" : ", memory 3";
    const auto seen = parent.Seen();  // 30 pieces of memory would be too many
    CHECK(seen.handled == expected);
    CHECK(seen.compressed == 2 * (round + 1));
  }
  parent.CloseAndRun();
}

TEST_CASE("a question whose place another one takes is refused") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Queue);
  QueueSide parent(peer, transport);
  std::vector<std::string> answers;
  const auto on_answer = [&](error_code error, std::uint32_t number) {
    const bool is_cancelled = error == std::errc::operation_canceled;
    answers.push_back(is_cancelled ? "cancelled" : std::to_string(number));
  };
  {
    const Gate gate(parent);
    for (const std::uint32_t number : {1, 2, 3}) parent.actor->SendLatestAsk(number, on_answer);
  }
  CHECK(parent.Seen().handled == "latest ask 3");
  CHECK(answers == std::vector<std::string>{"cancelled", "cancelled", "3"});
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
