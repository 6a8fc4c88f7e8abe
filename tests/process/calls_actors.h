// Both sides of calls.idl.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "callsChild.h"
#include "callsParent.h"
#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

// Any descriptor will do.
inline FileDescriptor SomeDescriptor() {
  return FileDescriptor(platform::Handle(::dup(STDERR_FILENO)));
}

// Does what calls.idl says.
class CallsChild final : public calls::PCallsChild {
 public:
  int destroyed = 0;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  void RecvOpen(bool fails, OpenReplier reply) override {
    if (fails) return reply.Fail(calls::Trouble::kBroken);
    reply(SomeDescriptor());
  }

  void RecvRead(bool fails, ReadReplier reply) override {
    if (fails) return reply.Fail({"no such page", 7});
    reply({{std::byte{1}, std::byte{2}}, true});
  }

  void RecvCheck(std::uint8_t how, CheckReplier reply) override {
    calls::Reason reason;
    if (how == 0) return reply({});
    if (how == 1) reason.emplace<0>(calls::Trouble::kBroken);
    if (how == 2) reason.emplace<1>(calls::Wrong{"wrong", 3});
    if (how == 3) reason.emplace<2>("words");
    reply.Fail(std::move(reason));
  }

  void RecvTransform(bool fails, Shmem memory, TransformReplier reply) override {
    if (fails) return reply.Fail({std::move(memory), calls::Trouble::kBusy});
    std::ranges::fill(memory.bytes(), std::byte{9});
    reply(std::move(memory));
  }

  void RecvTwin(bool fails, TwinReplier reply) override {
    fails ? reply.Fail(calls::Trouble::kBroken) : reply(calls::Trouble::kBroken);
  }
  void RecvSmall(std::uint32_t number, SmallReplier reply) override { reply(number); }
  void RecvDrop(DropReplier) override {}
  void RecvAccuse(AccuseReplier reply) override { reply.Reject(PeerFault("no manners")); }

  void RecvWait(WaitReplier reply) override { Keep(std::move(reply)); }
  void RecvWaitShortly(WaitShortlyReplier reply) override { Keep(std::move(reply)); }
  void RecvWaitLong(WaitLongReplier reply) override { Keep(std::move(reply)); }
  void RecvWaitOrFail(WaitOrFailReplier reply) override {
    waiting_.push_back([kept = std::make_shared<WaitOrFailReplier>(std::move(reply))] {
      kept->Fail(calls::Trouble::kBusy);
    });
  }
  void RecvLend(LendReplier reply) override {
    waiting_.push_back([this, kept = std::make_shared<LendReplier>(std::move(reply))] {
      auto memory = AllocShmem(4096);
      if (!memory) return kept->Reject(memory.error());
      (*kept)({std::move(*memory), SomeDescriptor()});
    });
  }

  void RecvLendShortly(LendShortlyReplier reply) override {
    waiting_.push_back([this, kept = std::make_shared<LendShortlyReplier>(std::move(reply))] {
      auto memory = AllocShmem(4096);
      if (!memory) return kept->Reject(memory.error());
      (*kept)(std::move(*memory));
    });
  }

  void RecvAnswerAll(AnswerAllReplier reply) override {
    const auto all = std::exchange(waiting_, {});
    for (const auto& answer : all) answer();
    reply(static_cast<std::uint32_t>(all.size()));
  }

  Result<void> RecvClose() override {
    Close();
    return {};
  }

  void RecvEcho(std::string text, EchoReplier reply) override { reply(std::move(text)); }
  void ActorDestroy(ActorDestroyReason) override { ++destroyed; }

  template <class Replier>
  void Keep(Replier reply) {
    waiting_.push_back([number = ++last_, kept = std::make_shared<Replier>(std::move(reply))] {
      (*kept)(number);
    });
  }

  std::vector<std::function<void()>> waiting_;
  std::uint32_t last_ = 0;
};

class CallsParent final : public calls::PCallsParent {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};

 private:
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
};

// The body of peers: a CallsChild until the parent goes.
inline void RunCallsChild(platform::Handle channel_end) {
  boost::asio::io_context io;
  const auto child = std::make_shared<CallsChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

// What one question came to.
struct Outcome {
  int completions = 0;
  boost::system::error_code error;

  auto Note() {
    return [this](boost::system::error_code why, auto&&...) {
      ++completions;
      error = why;
    };
  }
};

// The test's own side.
struct CallsSide {
  CallsSide(Peer& peer, Transport transport) {
    Link link = Offer(peer, transport);
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  // Both ends in this thread; `child` does not outlive the channel.
  explicit CallsSide(Path path) {
    auto ends = CreateEndpointsOn<calls::PCallsParent, calls::PCallsChild>(path);
    Must(std::move(ends.first).Bind(actor, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second)
             .Bind(std::make_shared<CallsChild>(), io.get_executor(), OptionsFor(path)));
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  // The peer answers all that waits, and all of it is here.
  void AnswerAll() {
    bool answered = false;
    actor->SendAnswerAll([&](boost::system::error_code, std::uint32_t) { answered = true; });
    RunUntil([&] { return answered; });
  }

  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
    CHECK(actor->destroyed == 1);
  }

  boost::asio::io_context io;
  std::shared_ptr<CallsParent> actor = std::make_shared<CallsParent>();
};

}  // namespace baton::testing
