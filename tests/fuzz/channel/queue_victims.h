// Victims whose messages do not wait their turn: priorities, compression and the loop inside of a
// handler where they are received; lazy ones, deadlines and priorities of answers where they are
// sent.
#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <baton/async.h>

#include "queueChild.h"
#include "queueParent.h"
#include "tests/fuzz/channel/world.h"

namespace baton::fuzz {

namespace queue = ::testing;

class QueueSlot final : public Fellow<queue::PSlotChild, TreeKind::kTab> {
 public:
  using Fellow::Fellow;

 private:
  Result<void> RecvPlain(std::uint32_t) override { return Heard("PSlot::Plain"); }
  Result<void> RecvUrgent(std::uint32_t) override { return Heard("PSlot::Urgent"); }
  Result<void> RecvLatest(std::uint32_t) override { return Heard("PSlot::Latest"); }
};
class QueueSlotOfParent final : public Fellow<queue::PSlotParent, TreeKind::kTab> {
 public:
  using Fellow::Fellow;
};

class QueueChildVictim final : public Fellow<queue::PQueueChild, TreeKind::kWindow>,
                               public AnyVictim {
 public:
  using Fellow::Fellow;
  ~QueueChildVictim() override {
    if (compressed_ > 0) Reached("a message is compressed");
    if (held_ > 0) Reached("a message is held");
  }

  void Act(int choice, Script& script) override {
    world.Plan(script.Bytes(1 + static_cast<std::size_t>(choice)));
  }

 private:
  void Act(std::uint8_t deed) override {
    if (CanSend()) {
      compressed_ += statistics().messages_compressed;
      held_ += statistics().messages_held;
    }
    const auto slots = ManagedPSlotChild();
    if (deed % 16 == 1) (void)SendWaiting();
    if (deed % 16 == 2 && !slots.empty()) (void)slots.back()->CanSend();
  }

  template <class Reply>
  void Answer(std::string_view what, std::uint32_t number, Reply reply) {
    if (const auto heard = Heard(what); !heard) return reply.Reject(heard.error());
    reply(number);
  }

  Result<void> RecvWait(FileDescriptor) override { return Heard("PQueue::Wait"); }
  Result<void> RecvOpen(FileDescriptor) override { return Heard("PQueue::Open"); }
  Result<void> RecvPlain(std::uint32_t) override { return Heard("PQueue::Plain"); }
  Result<void> RecvMedium(std::uint32_t) override { return Heard("PQueue::Medium"); }
  Result<void> RecvInput(std::uint32_t) override { return Heard("PQueue::Input"); }
  Result<void> RecvVsync(std::uint32_t) override { return Heard("PQueue::Vsync"); }
  Result<void> RecvUrgent(std::uint32_t) override { return Heard("PQueue::Urgent"); }
  Result<void> RecvNewest(std::uint32_t, std::vector<std::byte>) override {
    return Heard("PQueue::Newest");
  }
  Result<void> RecvNewestMemory(Shmem memory, FileDescriptor file, std::uint32_t) override {
    BATON_CHECK(memory.bytes().size() == memory.size() && bool{file});
    return Heard("PQueue::NewestMemory");
  }
  Result<void> RecvLatest(std::uint32_t) override { return Heard("PQueue::Latest"); }
  Result<void> RecvLatestInput(std::uint32_t) override { return Heard("PQueue::LatestInput"); }
  void RecvLatestAsk(std::uint32_t number, LatestAskReplier reply) override {
    Answer("PQueue::LatestAsk", number, std::move(reply));
  }
  Result<void> RecvLazy(std::uint32_t) override { return Heard("PQueue::Lazy"); }
  Result<void> RecvLazyContent(std::vector<std::byte>) override {
    return Heard("PQueue::LazyContent");
  }
  std::shared_ptr<queue::PSlotChild> AllocPSlotChild(std::uint32_t) override {
    return Heard("a slot is made") ? std::make_shared<QueueSlot>(world) : nullptr;
  }
  Result<void> RecvPSlotConstructor(queue::PSlotChild&, std::uint32_t) override {
    return Heard("PQueue::PSlot");
  }
  Result<void> RecvTake(ManagedEndpoint<queue::PSlotChild> endpoint, std::uint32_t) override {
    BATON_CHECKED(Heard("PQueue::Take"));
    return BindPSlotEndpoint(std::move(endpoint), std::make_shared<QueueSlot>(world));
  }
  Result<void> RecvShowUrgent(std::shared_ptr<queue::PSlotChild> slot) override {
    BATON_CHECK(HasNotEnded(*slot));
    return Heard("PQueue::ShowUrgent");
  }
  void RecvSeen(SeenReplier reply) override {
    if (const auto heard = Heard("PQueue::Seen"); !heard) return reply.Reject(heard.error());
    reply({"something", 1});
  }
  void RecvAsk(std::uint32_t number, AskReplier reply) override {
    Answer("PQueue::Ask", number, std::move(reply));
  }
  void RecvAskSoon(std::uint32_t number, AskSoonReplier reply) override {
    Answer("PQueue::AskSoon", number, std::move(reply));
  }
  void RecvAskUrgent(std::uint32_t number, AskUrgentReplier reply) override {
    Answer("PQueue::AskUrgent", number, std::move(reply));
  }

  std::uint64_t compressed_ = 0;
  std::uint64_t held_ = 0;
};

class QueueParentVictim final : public Fellow<queue::PQueueParent, TreeKind::kWindow>,
                                public AnyVictim {
 public:
  using Fellow::Fellow;

  void Act(int choice, Script& script) override {
    if (choice % 2 == 0) return Act(script.Byte());
    world.Plan(script.Bytes(1 + static_cast<std::size_t>(choice) / 2));
  }

 private:
  void Act(std::uint8_t deed) override {
    const std::size_t which = deed / 16;
    const auto slots = ManagedPSlotParent();
    switch (deed % 16) {
      case 1:
        if (SendLazy(1)) Reached("a lazy message is sent");
        return;
      case 2: return (void)SendLazyContent(std::vector<std::byte>(which * 5'000));
      case 3: return (void)SendPlain(1);
      case 4: {
        const HoldBack together(*this);
        for (std::size_t count = 0; count <= which; ++count) (void)SendLazy(1);
        return;
      }
      case 5: return MakeSlot();
      case 6:
        if (!slots.empty()) (void)slots.back()->SendUrgent(1);
        return;
      case 7:
        if (!slots.empty()) (void)slots.back()->Send__delete__();
        return;
      case 8: return AskOne(which, kForever);
      case 9: return AskOne(which, std::chrono::steady_clock::duration(0));
      default: return;
    }
  }

  void MakeSlot() {
    const auto slot = std::make_shared<QueueSlotOfParent>(world);
    (void)SendPSlotConstructor(slot, 1);
    NoteMade(*slot);
  }

  // One in four has an answer that does not wait its turn.
  void AskOne(std::size_t which, std::chrono::steady_clock::duration deadline) {
    const auto token = Within(deadline, [&world = world](boost::system::error_code error, auto&&) {
      if (!error) Reached("a question is answered");
      if (error == std::errc::timed_out) Reached("a question misses its deadline");
      ++world.outcome.answered;
    });
    switch (which % 4) {
      case 0: return Asks(queue::PQueue::kAsk), SendAsk(1, token);
      case 1: return Asks(queue::PQueue::kAskSoon), SendAskSoon(1, token);
      case 2: return Asks(queue::PQueue::kAskUrgent), SendAskUrgent(1, token);
      default: return Asks(queue::PQueue::kSeen), SendSeen(token);
    }
  }
  void Asks(const wire::Message& message) {
    ++world.outcome.asked;
    if (CanSend()) world.asked.emplace_back(0, message.id);
  }

  Result<void> RecvWaiting() override { return Heard("PQueue::Waiting"); }
};

}  // namespace baton::fuzz
