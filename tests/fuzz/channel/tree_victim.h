// The top of the tree that a fuzzer lies to.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/channel/tree_actors.h"

namespace baton::fuzz {

class TreeVictim final : public TreeActor<tree::PWindowChild, TreeKind::kWindow>, public AnyVictim {
 public:
  explicit TreeVictim(TreeWorld& of) : TreeActor(of) { of.window = this; }

  // Half of the choices do something now, the others say what handlers will do.
  void Act(int choice, Script& script) override {
    if (choice % 2 == 0) return TreeActor::Act(script.Byte());
    world.Plan(script.Bytes(1 + static_cast<std::size_t>(choice) / 2));
  }
  using TreeActor::Act;

  void ActAsWindow(std::uint8_t byte) override {
    const std::size_t which = byte / 16;
    switch (DeedOf(byte)) {
      case Deed::kOpen: return OpenOne(which);
      case Deed::kGive:
        if (world.opened.empty()) return;
        if (which % 2 == 0) (void)SendGive(std::move(world.opened.back()), 1);
        return world.opened.pop_back();
      case Deed::kBind: return BindOne(which);
      case Deed::kDrop: return DropOne(which);
      default: return AnswerOne(which);
    }
  }

 private:
  // --- Deeds ------------------------------------------------------------------------------------
  void ConstructOne(std::size_t which) override {
    if (which % 4 == 1) {
      const auto plain = std::make_shared<TreePlain>(world);
      if (SendPPlainConstructor(plain)) Made(*plain);
      return;
    }
    if (which % 4 == 3) {
      const auto plain = std::make_shared<TreePlain>(world);
      if (const auto dropped = OpenPPlainEndpoint(plain)) {
        Made(*plain);
        world.Deleted(plain->actor_id());
      }
      return;
    }
    const auto tab = std::make_shared<TreeTab>(world);
    std::optional<Shmem> memory;
    if (which % 4 == 2) {
      if (auto allocated = AllocShmem(64)) memory = *std::move(allocated);
    }
    if (SendPTabConstructor(tab, "", {}, std::move(memory), {}, {})) Made(*tab);
  }
  void DeleteThis() override { CloseNow(); }
  void Say(std::size_t which) override {
    const auto tabs = ManagedPTabChild();
    if (tabs.empty()) return (void)SendDo(1);
    const auto& tab = tabs[which % tabs.size()];
    if (which % 4 == 0) return (void)SendShow(tab, nullptr);
    if (which % 4 == 1) return (void)SendShow(tabs.back(), tab);
    if (which % 4 == 2)
      return (void)SendArrange({tab, {}, {tab, tabs.back()}, {}},
                               tree::Pick(std::in_place_index<1>));
    world.kept.push_back(tab);
  }
  void AskOne(std::size_t which) override {
    Asks(which % 2 == 0 ? tree::PWindow::kAsk : tree::PWindow::kWhichOne);
    if (which % 2 == 0) return SendAsk(1, WhenAnswered());
    SendWhichOne(1, WhenAnswered());
  }
  void OpenOne(std::size_t which) {
    const auto tab = std::make_shared<TreeTab>(world);
    auto endpoint = OpenPTabEndpoint(tab);
    if (!endpoint) return;
    Made(*tab);
    if (which % 2 == 0) return (void)SendGive(*std::move(endpoint), 1);
    world.opened.push_back(*std::move(endpoint));
  }
  void BindOne(std::size_t which) {
    if (world.received.empty()) return;
    const auto tab = std::make_shared<TreeTab>(world);
    if (BindPTabEndpoint(std::move(world.received[which % world.received.size()]), tab)) {
      Made(*tab);
    }
  }
  void DropOne(std::size_t which) {
    if (world.received.empty()) return BorrowOne(which);
    const auto at = static_cast<std::ptrdiff_t>(which % world.received.size());
    const auto dropped = std::move(world.received[static_cast<std::size_t>(at)]);
    world.received.erase(world.received.begin() + at);
  }
  // Memory of its own making, but for the tree of few, whose deadline is no time at all.
  void BorrowOne(std::size_t which) {
    ++world.outcome.asked;
    const auto note = [&world = world](boost::system::error_code error, const auto& memory) {
      ++world.outcome.answered;
      const bool is_own = memory.id().high >> 63 == 1;  // as what a child makes
      if (!error) Reached(is_own ? "memory is made" : "memory is borrowed");
    };
    if (which % 2 == 0) return AllocShmemAsync(kMemorySize, Within(kForever, note));
    AllocUnsafeShmemAsync(kMemorySize, Within(kForever, note));
  }
  void AnswerOne(std::size_t which) {
    if (world.questions.empty()) return;
    auto reply = std::move(world.questions.front());
    world.questions.erase(world.questions.begin());
    if (which % 4 == 0) return reply.Reject(std::make_error_code(std::errc::not_supported));
    if (which % 4 == 1) return;  // dropped
    reply(7);
  }

  // --- Handlers
  // -----------------------------------------------------------------------------------
  std::shared_ptr<tree::PTabChild> AllocPTabChild(
      const std::string&, const tree::Look&, const std::optional<Shmem>&,
      const std::vector<std::byte>&, const std::map<std::string, std::uint32_t>&) override {
    return Alloc<TreeTab>();
  }
  Result<void> RecvPTabConstructor(tree::PTabChild& tab, std::string, tree::Look,
                                   std::optional<Shmem>, std::vector<std::byte>,
                                   std::map<std::string, std::uint32_t>) override {
    return HeardOf(static_cast<TreeTab&>(tab));
  }
  std::shared_ptr<tree::PPlainChild> AllocPPlainChild() override { return Alloc<TreePlain>(); }
  Result<void> RecvPPlainConstructor(tree::PPlainChild& plain) override {
    return HeardOf(static_cast<TreePlain&>(plain));
  }

  Result<void> RecvShow(std::shared_ptr<tree::PTabChild> tab,
                        std::shared_ptr<tree::PTabChild> previous) override {
    BATON_CHECK(HasNotEnded(*tab) && (previous == nullptr || HasNotEnded(*previous)));
    world.kept.push_back(std::move(tab));
    return Heard();
  }
  Result<void> RecvArrange(tree::Choice choice, tree::Pick pick) override {
    auto heard = Heard();
    (void)SendArrange(choice, pick);  // any of them may have gone by now
    return heard;
  }
  void RecvWhich(std::shared_ptr<tree::PTabChild> tab, WhichReplier reply) override {
    if (const auto done = Heard(); !done) return reply.Reject(done.error());
    reply({std::move(tab), 7});
  }
  void RecvWhichOne(std::uint32_t number, WhichOneReplier reply) override {
    if (const auto done = Heard(); !done) return reply.Reject(done.error());
    const auto tabs = ManagedPTabChild();
    if (tabs.empty()) return reply.Reject(std::make_error_code(std::errc::not_supported));
    reply(tabs[number % tabs.size()]);
  }
  Result<void> RecvTake(ManagedEndpoint<tree::PTabChild> endpoint, std::uint32_t) override {
    BATON_CHECK(static_cast<bool>(endpoint));
    world.received.push_back(std::move(endpoint));
    return Heard();
  }
  Result<void> RecvGive(ManagedEndpoint<tree::PTabParent> endpoint, std::uint32_t) override {
    BATON_CHECK(static_cast<bool>(endpoint));
    world.opened.push_back(std::move(endpoint));
    return Heard();
  }
  Result<void> RecvDo(std::uint32_t) override { return Heard(); }
  void RecvAsk(std::uint32_t number, AskReplier reply) override {
    HeardQuestion(number, std::move(reply));
  }
};

}  // namespace baton::fuzz
