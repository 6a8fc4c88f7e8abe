// The actors below the window of a victim, and what all of a tree have in common.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <baton/async.h>

#include "tests/fuzz/channel/tree_world.h"

namespace baton::fuzz {

namespace tree = ::testing;

// The low half of a byte says what, the high half to which one, or how.
enum class Deed : std::uint8_t {
  kNothing,
  kConstruct,
  kDelete,
  kDeleteOther,
  kSay,
  kAsk,
  kClose,
  kThrow,
  kRefuse,  // these three in a handler only
  kAccuse,
  kTwoMore,
  kOpen,  // from here on the window does it, whoever was asked
  kGive,
  kBind,
  kDrop,
  kAnswer,
};
inline Deed DeedOf(std::uint8_t byte) {
  return static_cast<Deed>(byte % 16);
}

template <class Base, TreeKind kOwnKind>
class TreeActor : public Base, public DoesDeeds {
 public:
  static constexpr TreeKind kTreeKind = kOwnKind;

  explicit TreeActor(TreeWorld& of) : world(of) { ++world.objects; }
  // Bound, it has been told of its end; not bound, it has not.
  ~TreeActor() override {
    --world.objects;
    if (kTreeKind != TreeKind::kWindow) BATON_CHECK(is_destroyed_ == (this->actor_id() != 0));
  }

  void Act(std::uint8_t byte) override {
    const std::size_t which = byte / 16;
    switch (DeedOf(byte)) {
      case Deed::kNothing:
      case Deed::kRefuse:
      case Deed::kAccuse:
      case Deed::kTwoMore: return;
      case Deed::kConstruct: return ConstructOne(which);
      case Deed::kDelete: return DeleteThis();
      case Deed::kDeleteOther:
        if (DoesDeeds* const other = world.Youngest(which)) {
          other->Act(static_cast<std::uint8_t>(Deed::kDelete));
        }
        return;
      case Deed::kSay: return Say(which);
      case Deed::kAsk: return AskOne(which);
      case Deed::kClose: return CloseNow();
      case Deed::kThrow: world.outcome.has_thrown = true; throw Thrown();
      default:
        if (world.window != nullptr) world.window->ActAsWindow(byte);
    }
  }

 protected:
  TreeWorld& world;

  virtual void ConstructOne(std::size_t) {}
  virtual void DeleteThis() = 0;
  virtual void Say(std::size_t which) = 0;
  virtual void AskOne(std::size_t) {}

  // In every handler: anything may happen in it.
  Result<void> Heard() {
    world.CheckSpokenTo(this->actor_id());
    return Do(2);
  }
  // Keeps the question where the number is even.
  void HeardQuestion(std::uint32_t number, Replier<std::uint32_t> reply) {
    if (const auto done = Heard(); !done) return reply.Reject(done.error());
    if (number % 2 == 0) return world.questions.push_back(std::move(reply));
    reply(number);
  }
  template <class Managee>
  std::shared_ptr<Managee> Alloc() {
    return Heard() ? std::make_shared<Managee>(world) : nullptr;
  }
  template <class Managee>
  Result<void> HeardOf(Managee& managee) {
    Made(managee);
    return Heard();
  }
  template <class Managee>
  void Made(Managee& managee) {
    world.Bound(managee.actor_id(), this->actor_id(), Managee::kTreeKind, managee);
  }

  // A question was sent, as far as can be seen.
  void Asks(const wire::Message& message) {
    ++world.outcome.asked;
    if (this->CanSend()) world.asked.emplace_back(this->actor_id(), message.id);
  }
  auto WhenAnswered() {
    return [&world = world](boost::system::error_code, const auto&) {
      ++world.outcome.answered;
      if (world.window != nullptr) world.window->Act(world.NextDeed());
    };
  }
  void CloseNow() {
    world.has_closed |= this->CanSend();
    this->Close();
  }

  void OnHandlerError(std::error_code) override { Act(world.NextDeed()); }
  void ActorDestroy(ActorDestroyReason reason) override {
    BATON_CHECK(!std::exchange(is_destroyed_, true) && !this->CanSend());
    if constexpr (kTreeKind == TreeKind::kWindow) {
      world.WindowDestroyed();
      ++world.outcome.destroyed;
      world.outcome.reason = reason;
      world.outcome.error = this->close_error();
    } else {
      world.Destroyed(this->actor_id());
    }
    Act(world.NextDeed());
  }

 private:
  Result<void> Do(int more) {
    const std::uint8_t deed = world.NextDeed();
    if (DeedOf(deed) == Deed::kRefuse) return Fail(std::make_error_code(std::errc::not_supported));
    if (DeedOf(deed) == Deed::kAccuse) return this->PeerFault("the script says so");
    if (DeedOf(deed) == Deed::kTwoMore && more > 0) {
      const auto first = Do(more - 1);
      const auto second = Do(more - 1);
      return first ? second : first;
    }
    Act(deed);
    return {};
  }

  bool is_destroyed_ = false;
};

// A tab's frame, or another frame's.
class TreeFrame final : public TreeActor<tree::PFrameChild, TreeKind::kFrame> {
 public:
  using TreeActor::TreeActor;

 private:
  void ConstructOne(std::size_t which) override {
    const auto frame = std::make_shared<TreeFrame>(world);
    if (which % 2 == 0) {
      if (SendPFrameConstructor(frame, 1)) Made(*frame);
    } else if (const auto dropped = OpenPFrameEndpoint(frame)) {
      Made(*frame);
      world.Deleted(frame->actor_id());
    }
  }
  void DeleteThis() override {
    if (Send__delete__()) world.Deleted(actor_id());
  }
  void Say(std::size_t) override { (void)SendNote(1); }
  void AskOne(std::size_t) override {
    Asks(tree::PFrame::kAsk);
    SendAsk(1, WhenAnswered());
  }

  std::shared_ptr<tree::PFrameChild> AllocPFrameChild(std::uint32_t) override {
    return Alloc<TreeFrame>();
  }
  Result<void> RecvPFrameConstructor(tree::PFrameChild& frame, std::uint32_t) override {
    return HeardOf(static_cast<TreeFrame&>(frame));
  }
  Result<void> RecvNote(std::uint32_t) override { return Heard(); }
  void RecvAsk(std::uint32_t number, AskReplier reply) override {
    HeardQuestion(number, std::move(reply));
  }
  Result<void> Recv__delete__() override { return Heard(); }
};

class TreeTab final : public TreeActor<tree::PTabChild, TreeKind::kTab> {
 public:
  using TreeActor::TreeActor;

 private:
  void ConstructOne(std::size_t which) override {
    const auto frame = std::make_shared<TreeFrame>(world);
    if (which % 2 == 0) {
      if (SendPFrameConstructor(frame, 1)) Made(*frame);
    } else if (const auto dropped = OpenPFrameEndpoint(frame)) {
      Made(*frame);
      world.Deleted(frame->actor_id());
    }
  }
  void DeleteThis() override {
    if (Send__delete__("")) world.Deleted(actor_id());
  }
  void Say(std::size_t which) override {
    if (which % 2 == 0) return (void)SendNote(1);
    const auto frames = ManagedPFrameChild();
    if (!frames.empty()) (void)SendMeet(frames.back(), Manager());
  }
  void AskOne(std::size_t) override {
    Asks(tree::PTab::kAsk);
    SendAsk(1, WhenAnswered());
  }

  std::shared_ptr<tree::PFrameChild> AllocPFrameChild(std::uint32_t) override {
    return Alloc<TreeFrame>();
  }
  Result<void> RecvPFrameConstructor(tree::PFrameChild& frame, std::uint32_t) override {
    return HeardOf(static_cast<TreeFrame&>(frame));
  }
  Result<void> RecvNote(std::uint32_t) override { return Heard(); }
  Result<void> RecvLend(Shmem memory) override {
    if (auto heard = Heard(); !heard) return heard;
    return SendLend(std::move(memory));
  }
  void RecvAsk(std::uint32_t number, AskReplier reply) override {
    HeardQuestion(number, std::move(reply));
  }
  Result<void> RecvMeet(std::shared_ptr<tree::PFrameChild> frame,
                        std::shared_ptr<tree::PWindowChild> window) override {
    BATON_CHECK(HasNotEnded(*frame) && window == this->Manager());
    world.kept.push_back(std::move(frame));
    world.kept.push_back(std::move(window));
    return Heard();
  }
  Result<void> Recv__delete__(std::string) override { return Heard(); }
};

class TreePlain final : public TreeActor<tree::PPlainChild, TreeKind::kPlain> {
 public:
  using TreeActor::TreeActor;

 private:
  void DeleteThis() override {
    if (Send__delete__()) world.Deleted(actor_id());
  }
  void Say(std::size_t) override { (void)SendNote(1); }

  Result<void> RecvNote(std::uint32_t) override { return Heard(); }
  Result<void> Recv__delete__() override { return Heard(); }
};

}  // namespace baton::fuzz
