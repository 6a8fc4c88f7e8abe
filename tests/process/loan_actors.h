// Both sides of loan.idl as the tests use them.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "loanChild.h"
#include "loanParent.h"
#include "tests/process/transport.h"
#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

using boost::asio::io_context;

template <class Memory>
void AddOne(Memory& memory) {
  for (std::byte& byte : memory.bytes()) {
    byte = static_cast<std::byte>(std::to_integer<int>(byte) + 1);
  }
}

// Does what loan.idl says.
template <class Base>
class LoanActor : public Base {
 public:
  using Generated = Base;

  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<Shmem> kept;
  std::vector<std::uint64_t> notes;

 protected:
  void RecvGrow(Shmem memory, typename Base::GrowReplier reply) override {
    AddOne(memory);
    reply(std::move(memory));
  }
  void RecvTouch(UnsafeShmem memory, typename Base::TouchReplier reply) override {
    AddOne(memory);
    reply({});
  }
  Result<void> RecvKeep(Shmem memory) override {
    kept.push_back(std::move(memory));
    return {};
  }
  void RecvFetch(std::uint64_t size, typename Base::FetchReplier reply) override {
    auto memory = this->AllocShmem(size);
    if (!memory) return reply.Reject(memory.error());
    reply(*std::move(memory));
  }
  void RecvFetchShared(std::uint64_t size, typename Base::FetchSharedReplier reply) override {
    auto memory = this->AllocUnsafeShmem(size);
    if (!memory) return reply.Reject(memory.error());
    reply(*std::move(memory));
  }
  Result<void> RecvFlood(std::uint64_t count) override {
    for (std::uint64_t number = 1; number <= count; ++number) {
      BATON_CHECKED(this->SendNote(number));
    }
    return {};
  }
  Result<void> RecvNote(std::uint64_t number) override {
    notes.push_back(number);
    return {};
  }
  void RecvAsk(std::uint64_t number, typename Base::AskReplier reply) override {
    reply(number + 1);
  }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
};

class LoanParent final : public LoanActor<::testing::PLoanParent> {};
class LoanChild final : public LoanActor<::testing::PLoanChild> {};

inline ChannelOptions AsLender(ChannelOptions options) {
  options.lends_memory = LendsMemory::kToAnyone;
  return options;
}

inline ChannelOptions AsBorrower(ChannelOptions options,
                                 MemorySource source = MemorySource::kPeer) {
  options.memory_from = source;
  return options;
}

// One side, in a thread of its own or a process.
template <class A>
struct LoanSide {
  LoanSide(Link link, const ChannelOptions& options) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), options));
  }
  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
  }
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  io_context io;
  std::shared_ptr<A> actor = std::make_shared<A>();
};

// Lends until the other side goes.
inline void RunLender(platform::Handle channel_end) {
  Link link = Accept(std::move(channel_end));
  const ChannelOptions options = AsLender(link.options);
  LoanSide<LoanParent> lender(std::move(link), options);
  lender.io.run();
  PEER_EXPECT(lender.actor->destroyed == 1);
}

// Memory of every sort, made by the peer and by whoever may make none, both ways.
template <class A>
void ConverseInBorrowedMemory(LoanSide<A>& side) {
  using boost::system::error_code;
  A& actor = *side.actor;
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{300'001}}) {
    Shmem memory = Must(actor.AllocShmem(size));
    PEER_EXPECT(memory.state() == ShmemState::kOwned && memory.size() == size);
    std::ranges::fill(memory.bytes(), std::byte{0});  // it may have been used before
    const auto* const place = memory.bytes().data();
    for (int round = 1; round <= 3; ++round) {
      std::optional<Shmem> back;
      actor.SendGrow(std::move(memory), [&](error_code error, Shmem grown) {
        PEER_EXPECT(!error);
        back = std::move(grown);
      });
      side.RunUntil([&] { return back.has_value(); });
      PEER_EXPECT(back->bytes().data() == place && HoldsOnly(*back, round));
      memory = std::move(*back);
    }
    Must(actor.DeallocShmem(memory));

    UnsafeShmem shared = Must(actor.AllocUnsafeShmem(size));
    PEER_EXPECT(shared.size() == size && HoldsOnly(shared, 0));
    bool touched = false;
    actor.SendTouch(shared, [&](error_code error, auto) { touched = !error; });
    side.RunUntil([&] { return touched; });
    PEER_EXPECT(HoldsOnly(shared, 1));
    Must(actor.DeallocShmem(shared));

    std::optional<Shmem> fetched;
    actor.SendFetch(size, [&](error_code error, Shmem theirs) {
      PEER_EXPECT(!error);
      fetched = std::move(theirs);
    });
    side.RunUntil([&] { return fetched.has_value(); });
    PEER_EXPECT(fetched->size() == size);
    Must(actor.SendKeep(std::move(*fetched)));
    bool shares = false;
    actor.SendFetchShared(size, [&](error_code error, const UnsafeShmem& theirs) {
      shares = !error && theirs.size() == size;
    });
    side.RunUntil([&] { return shares; });
  }
}

}  // namespace baton::testing
