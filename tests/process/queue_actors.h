// Both sides of queue.idl. The child notes what it has handled; a Gate keeps it inside of a handler
// while more comes, so that a test knows what waits when it goes on.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "queueChild.h"
#include "queueParent.h"
#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

using boost::asio::io_context;
namespace queue = ::testing;

// Both ends of a pipe.
inline std::pair<platform::Handle, platform::Handle> NewPipe() {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  return {platform::Handle(ends[0]), platform::Handle(ends[1])};
}

// Until all copies of its other end are closed.
inline void WaitForClose(const platform::Handle& pipe) {
  char byte = 0;
  while (::read(pipe.get(), &byte, 1) > 0) {
  }
}

// What the actors of the child have handled.
class Handled {
 public:
  Result<void> Note(std::string_view what, std::uint32_t number) {
    text_.append(text_.empty() ? "" : ", ").append(what).append(" ").append(std::to_string(number));
    return {};
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class SlotChild : public queue::PSlotChild {
 public:
  explicit SlotChild(Handled& handled) : handled_(handled) {}

 private:
  Result<void> RecvPlain(std::uint32_t number) override { return handled_.Note("slot", number); }
  Result<void> RecvUrgent(std::uint32_t number) override {
    return handled_.Note("urgent slot", number);
  }
  Result<void> RecvLatest(std::uint32_t number) override {
    return handled_.Note("latest slot", number);
  }
  Result<void> Recv__delete__() override { return handled_.Note("deleted", actor_id()); }

  Handled& handled_;
};

class QueueChild : public queue::PQueueChild {
 public:
  Handled handled;
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::error_code> handler_errors;

 private:
  Result<void> RecvWait(FileDescriptor gate) override {
    BATON_CHECKED(SendWaiting());
    WaitForClose(gate);
    return {};
  }
  Result<void> RecvOpen(FileDescriptor) override { return {}; }
  Result<void> RecvPlain(std::uint32_t number) override { return handled.Note("plain", number); }
  Result<void> RecvMedium(std::uint32_t number) override { return handled.Note("medium", number); }
  Result<void> RecvInput(std::uint32_t number) override { return handled.Note("input", number); }
  Result<void> RecvVsync(std::uint32_t number) override { return handled.Note("vsync", number); }
  Result<void> RecvUrgent(std::uint32_t number) override { return handled.Note("urgent", number); }
  Result<void> RecvNewest(std::uint32_t number, std::vector<std::byte> content) override {
    PEER_EXPECT(content.empty() || content.back() == static_cast<std::byte>(number));
    return handled.Note("newest", number);
  }
  Result<void> RecvNewestMemory(Shmem memory, FileDescriptor file, std::uint32_t number) override {
    PEER_EXPECT(memory.bytes().front() == static_cast<std::byte>(number));
    PEER_EXPECT(bool{file});
    return handled.Note("memory", number);
  }
  Result<void> RecvLatest(std::uint32_t number) override { return handled.Note("latest", number); }
  Result<void> RecvLatestInput(std::uint32_t number) override {
    return handled.Note("latest input", number);
  }
  void RecvLatestAsk(std::uint32_t number, LatestAskReplier reply) override {
    (void)handled.Note("latest ask", number);
    reply(number);
  }
  Result<void> RecvLazy(std::uint32_t number) override { return handled.Note("lazy", number); }
  Result<void> RecvLazyContent(std::vector<std::byte>) override { return {}; }
  std::shared_ptr<queue::PSlotChild> AllocPSlotChild(std::uint32_t) override {
    return std::make_shared<SlotChild>(handled);
  }
  Result<void> RecvPSlotConstructor(queue::PSlotChild&, std::uint32_t number) override {
    return handled.Note("made", number);
  }
  Result<void> RecvTake(ManagedEndpoint<queue::PSlotChild> endpoint,
                        std::uint32_t number) override {
    BATON_CHECKED(BindPSlotEndpoint(std::move(endpoint), std::make_shared<SlotChild>(handled)));
    return handled.Note("taken", number);
  }
  Result<void> RecvShowUrgent(std::shared_ptr<queue::PSlotChild> slot) override {
    return handled.Note("shown", slot->actor_id());
  }
  void RecvSeen(SeenReplier reply) override {
    reply({handled.text(), statistics().messages_compressed});
  }
  void RecvAsk(std::uint32_t number, AskReplier reply) override {
    (void)handled.Note("ask", number);
    reply(number);
  }
  void RecvAskSoon(std::uint32_t number, AskSoonReplier reply) override { reply(number); }
  void RecvAskUrgent(std::uint32_t number, AskUrgentReplier reply) override {
    (void)handled.Note("urgent ask", number);
    reply(number);
  }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }
};

class QueueParent : public queue::PQueueParent {
 public:
  int waiting = 0;
  int destroyed = 0;

 private:
  Result<void> RecvWaiting() override {
    ++waiting;
    return {};
  }
  void ActorDestroy(ActorDestroyReason) override { ++destroyed; }
};

class SlotParent : public queue::PSlotParent {};

// The body of most peers: a QueueChild until the parent goes.
inline void RunQueueChild(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<QueueChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(child->reason == ActorDestroyReason::kNormalShutdown);
}

// The test's own side.
struct QueueSide {
  QueueSide(Peer& peer, Transport transport) : QueueSide(Offer(peer, transport)) {}
  explicit QueueSide(Link link) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
  }

  // Runs until `done` holds.
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  // What the child has handled of all that was sent before.
  queue::PQueue::SeenReply Seen() {
    queue::PQueue::SeenReply seen;
    bool is_answered = false;
    actor->SendSeen([&](boost::system::error_code error, queue::PQueue::SeenReply reply) {
      CHECK_FALSE(error);
      seen = std::move(reply);
      is_answered = true;
    });
    RunUntil([&] { return is_answered; });
    return seen;
  }

  io_context io;
  std::shared_ptr<QueueParent> actor = std::make_shared<QueueParent>();
};

// While it lives, the child is inside of a handler.
class Gate {
 public:
  explicit Gate(QueueSide& side) {
    auto [there, here] = NewPipe();
    Must(side.actor->SendWait(there));
    const int before = side.actor->waiting;
    side.RunUntil([&] { return side.actor->waiting > before; });
    gate_ = std::move(here);
  }

 private:
  platform::Handle gate_;
};

}  // namespace baton::testing
