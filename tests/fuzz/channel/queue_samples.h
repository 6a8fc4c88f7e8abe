// A valid payload for every frame of queue.idl, of either side.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/queue_victims.h"

namespace baton::fuzz {

// In these orders, which the corpus relies on: append.
class QueueParentSamples final : public Samples {
 public:
  QueueParentSamples() {
    AddHello(queue::PQueue::kProtocol);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddPlain();
    AddCompressed();
    AddSlots();
    AddQuestions();
  }

 private:
  using Kind = TreeKind;

  void AddPlain() {
    namespace PQueue = queue::PQueue;
    const std::uint32_t number = 1;
    const std::vector<std::byte> content(100);
    const FileDescriptor file;
    AddTo(Kind::kWindow, PQueue::kPlain, {&number});
    AddTo(Kind::kWindow, PQueue::kMedium, {&number});
    AddTo(Kind::kWindow, PQueue::kInput, {&number});
    AddTo(Kind::kWindow, PQueue::kVsync, {&number});
    AddTo(Kind::kWindow, PQueue::kUrgent, {&number});
    AddTo(Kind::kWindow, PQueue::kLazy, {&number});
    AddTo(Kind::kWindow, PQueue::kLazyContent, {&content});
    AddTo(Kind::kWindow, PQueue::kWait, {&file});
    AddTo(Kind::kWindow, PQueue::kOpen, {&file});
  }
  void AddCompressed() {
    namespace PQueue = queue::PQueue;
    const std::uint32_t number = 1;
    const std::vector<std::byte> content(100);
    const Shmem memory;
    const FileDescriptor file;
    AddTo(Kind::kWindow, PQueue::kNewest, {&number, &content});
    AddTo(Kind::kWindow, PQueue::kNewestMemory, {&memory, &file, &number});
    AddTo(Kind::kWindow, PQueue::kLatest, {&number});
    AddTo(Kind::kWindow, PQueue::kLatestInput, {&number});
    AddTo(Kind::kWindow, PQueue::kLatestAsk, {&number});
  }
  void AddSlots() {
    const std::uint32_t number = 1;
    const internal::AnyManagedEndpoint endpoint;
    const std::shared_ptr<queue::PSlotChild> slot = std::make_shared<QueueSlot>(nowhere_);
    AddMaker(Kind::kWindow, Kind::kTab, queue::PQueue::kPSlotConstructor, {&number});
    AddOpen(Kind::kWindow, Kind::kEndpoint, queue::PSlot::kProtocol.id);
    AddTo(Kind::kWindow, queue::PQueue::kTake, {&endpoint, &number});
    AddTo(Kind::kWindow, queue::PQueue::kShowUrgent, {&slot});
    AddTo(Kind::kTab, queue::PSlot::kPlain, {&number});
    AddTo(Kind::kTab, queue::PSlot::kUrgent, {&number});
    AddTo(Kind::kTab, queue::PSlot::kLatest, {&number});
    AddTo(Kind::kTab, queue::PSlot::k__delete__, {});
  }
  void AddQuestions() {
    const std::uint32_t number = 1;
    AddTo(Kind::kWindow, queue::PQueue::kSeen, {});
    AddTo(Kind::kWindow, queue::PQueue::kAsk, {&number});
    AddTo(Kind::kWindow, queue::PQueue::kAskSoon, {&number});
    AddTo(Kind::kWindow, queue::PQueue::kAskUrgent, {&number});
  }

  Outcome nobody_;
  World nowhere_{nobody_};
};

class QueueChildSamples final : public Samples {
 public:
  QueueChildSamples() {
    namespace PQueue = queue::PQueue;
    const std::uint32_t number = 1;
    const std::uint64_t compressed = 0;
    const std::string text = "text";
    AddHello(PQueue::kProtocol, Side::kChild);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddTo(TreeKind::kWindow, PQueue::kWaiting, {});
    AddAnswerTo(PQueue::kAsk, {&number});
    AddAnswerTo(PQueue::kAskSoon, {&number});
    AddAnswerTo(PQueue::kAskUrgent, {&number});
    AddAnswerTo(PQueue::kSeen, {&text, &compressed});
    AddRefusalOf(PQueue::kAsk);
    AddRefusalOf(PQueue::kAskSoon);
    AddGone(ActorDestroyReason::kFailedConstructor);
  }
};

}  // namespace baton::fuzz
