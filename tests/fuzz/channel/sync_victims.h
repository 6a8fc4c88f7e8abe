// Victims that wait: a child whose questions the liar answers, and a parent who answers the liar
// and asks back. Both may be asked nested questions inside of that.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/channel/sync_actors.h"

namespace baton::fuzz {

// Half of the choices do something now, the others say what handlers will do.
template <class Victim>
void ActByScript(Victim& victim, World& world, int choice, Script& script) {
  if (choice % 2 == 0) return victim.Act(script.Byte());
  world.Plan(script.Bytes(1 + static_cast<std::size_t>(choice) / 2));
}

// One in four gives up at once.
inline std::chrono::microseconds DeadlineOf(std::size_t which) {
  return which % 4 == 3 ? std::chrono::microseconds(0) : kUntilTheScriptEnds;
}

class SyncChildVictim final : public SyncFellow<sync::PSyncChild, TreeKind::kWindow>,
                              public AnyVictim {
 public:
  using SyncFellow::SyncFellow;

  void Act(int choice, Script& script) override { ActByScript(*this, world, choice, script); }

  void Act(std::uint8_t deed) override {
    const std::size_t which = deed / 16;
    const auto deadline = DeadlineOf(which);
    switch (deed % 16) {
      case 1: return AskSomething(which, deadline);
      case 2: return AskWithMemory(which, deadline);
      case 3: return Make(which, deadline);
      case 4: return AskBelow(which, deadline);
      case 5: return (void)Asking(sync::PSync::kDive, [&] { return SendDive(which, deadline); });
      case 6: return AskLater();
      case 7: return (void)(which % 2 == 0 ? SendNote(1) : SendCross(1));
      case 8: return DeleteSomething();
      default: return;
    }
  }

 private:
  void AskSomething(std::size_t which, std::chrono::microseconds deadline) {
    using namespace sync;
    switch (which / 4 % 4 + which % 3 * 4) {
      case 0: return (void)Asking(PSync::kAsk, [&] { return SendAsk(1, deadline); });
      case 1: return (void)Asking(PSync::kTell, [&] { return SendTell("text", deadline); });
      case 2: return (void)Asking(PSync::kConfirm, [&] { return SendConfirm(deadline); });
      case 3: return (void)Asking(PSync::kDivide, [&] { return SendDivide(6, 2, deadline); });
      case 4: return (void)Asking(PSync::kCheck, [&] { return SendCheck(1, deadline); });
      case 5: return (void)Asking(PSync::kDo, [&] { return SendDo(1, deadline); });
      case 6: return (void)Asking(PSync::kFetch, [&] { return SendFetch(1, 2, 3, deadline); });
      default: return (void)Asking(PSync::kNewPart, [&] { return SendNewPart(deadline); });
    }
  }
  void AskWithMemory(std::size_t which, std::chrono::microseconds deadline) {
    auto memory = AllocShmem(kMemorySize);
    if (!memory) return;
    if (which % 2 == 0) {
      const auto swapped = Asking(sync::PSync::kSwap,
                                  [&] { return SendSwap(*std::move(memory), "text", deadline); });
      if (swapped) BATON_CHECK(swapped->memory_back.bytes().size() == swapped->memory_back.size());
    } else {
      (void)Asking(sync::PSync::kFill, [&] { return SendFill(*std::move(memory), 7, deadline); });
    }
  }
  void Make(std::size_t which, std::chrono::microseconds deadline) {
    const auto rooms = ManagedPSyncRoomChild();
    if (which / 4 == 1 && !rooms.empty()) {
      return static_cast<SyncRoom&>(*rooms.back()).MakeDesk(deadline);
    }
    if (which / 4 == 2) {
      return Constructing(std::make_shared<SyncVault>(world), [&](const auto& vault) {
        return SendPSyncVaultConstructor(vault, "name", deadline);
      });
    }
    if (which / 4 == 3) {
      const auto room = std::make_shared<SyncRoom>(world);
      auto endpoint = OpenPSyncRoomEndpoint(room);
      NoteMade(*room);
      if (endpoint) (void)SendTakeRoom(*std::move(endpoint));
      return;
    }
    Constructing(std::make_shared<SyncRoom>(world),
                 [&](const auto& room) { return SendPSyncRoomConstructor(room, 1, deadline); });
  }
  void AskBelow(std::size_t which, std::chrono::microseconds deadline) {
    const auto parts = ManagedPSyncPartChild();
    const auto rooms = ManagedPSyncRoomChild();
    const auto vaults = ManagedPSyncVaultChild();
    if (which % 3 == 0 && !parts.empty()) {
      return static_cast<SyncPart&>(*parts.back()).Ask(deadline);
    }
    if (which % 3 == 1 && !vaults.empty()) {
      return static_cast<SyncVault&>(*vaults.back()).Ask(deadline);
    }
    if (rooms.empty()) return;
    const auto desks = rooms.back()->ManagedPSyncDeskChild();
    if (which > 8 && !desks.empty()) return static_cast<SyncDesk&>(*desks.back()).Ask(deadline);
    static_cast<SyncRoom&>(*rooms.back()).Ask(deadline);
  }
  void AskLater() {
    ++world.outcome.asked;
    if (CanSend()) world.asked.emplace_back(0, sync::PSync::kQuestion.id);
    SendQuestion(1, [&world = world](boost::system::error_code, std::uint64_t) {
      ++world.outcome.answered;
    });
  }
  void DeleteSomething() {
    const auto rooms = ManagedPSyncRoomChild();
    const auto parts = ManagedPSyncPartChild();
    if (!rooms.empty()) return (void)rooms.back()->Send__delete__();
    if (!parts.empty()) (void)parts.back()->Send__delete__();
  }

  // --- Handlers ---------------------------------------------------------------------------------
  Result<void> RecvPiece(std::uint64_t, std::vector<std::byte>) override {
    return Heard("PSync::Piece");
  }
  std::shared_ptr<sync::PSyncPartChild> AllocPSyncPartChild() override {
    return Heard("a part is made") ? std::make_shared<SyncPart>(world) : nullptr;
  }
  Result<void> RecvShow(std::shared_ptr<sync::PSyncPartChild> part) override {
    BATON_CHECK(HasNotEnded(*part));
    return Heard("PSync::Show");
  }
  std::shared_ptr<sync::PSyncRoomChild> AllocPSyncRoomChild(std::uint32_t) override {
    return Heard("a room is made by the parent") ? std::make_shared<SyncRoom>(world) : nullptr;
  }
  Result<std::uint64_t> RecvPSyncRoomConstructor(sync::PSyncRoomChild&, std::uint32_t) override {
    BATON_CHECKED(Heard("PSync::PSyncRoom, by the parent"));
    return std::uint64_t{1};
  }
  Result<std::uint64_t> RecvDive(std::uint64_t depth) override {
    BATON_CHECKED(Heard("PSync::Dive, by the parent"));
    return depth;
  }
  Result<void> RecvCross(std::uint64_t) override { return Heard("PSync::Cross, by the parent"); }
};

class SyncParentVictim final : public SyncFellow<sync::PSyncParent, TreeKind::kWindow>,
                               public AnyVictim {
 public:
  using SyncFellow::SyncFellow;

  void Act(int choice, Script& script) override { ActByScript(*this, world, choice, script); }

  void Act(std::uint8_t deed) override {
    const std::size_t which = deed / 16;
    const auto deadline = DeadlineOf(which);
    const auto parts = ManagedPSyncPartParent();
    const auto rooms = ManagedPSyncRoomParent();
    switch (deed % 16) {
      case 1: return (void)Asking(sync::PSync::kDive, [&] { return SendDive(which, deadline); });
      case 2:
        return Constructing(std::make_shared<SyncRoomOfParent>(world), [&](const auto& room) {
          return SendPSyncRoomConstructor(room, 1, deadline);
        });
      case 3: return (void)MakePart();
      case 4:
        if (!parts.empty()) {
          (void)Asking(sync::PSync::kShow, [&] { return SendShow(parts.back(), deadline); });
        }
        return;
      case 5:
        if (!parts.empty()) static_cast<SyncPartOfParent&>(*parts.back()).Ask(deadline);
        return;
      case 6:
        if (!rooms.empty()) static_cast<SyncRoomOfParent&>(*rooms.back()).Ask(deadline);
        return;
      case 7: return (void)SendPiece(1, std::vector<std::byte>(which * 100));
      case 8:
        if (!rooms.empty()) (void)rooms.back()->Send__delete__();
        return;
      case 9: return (void)SendCross(1);
      default: return;
    }
  }

 private:
  std::shared_ptr<SyncPartOfParent> MakePart() {
    const auto part = std::make_shared<SyncPartOfParent>(world);
    (void)SendPSyncPartConstructor(part);
    NoteMade(*part);
    return part;
  }

  // --- Handlers ---------------------------------------------------------------------------------
  Result<DivideReply> RecvDivide(std::uint64_t number, std::uint64_t by) override {
    BATON_CHECKED(Heard("PSync::Divide"));
    if (by == 0) return DivideReply(sync::SyncError::kByZero);
    return DivideReply(number / by);
  }
  Result<FillReply> RecvFill(Shmem memory, std::uint8_t) override {
    BATON_CHECKED(Heard("PSync::Fill"));
    const std::uint64_t size = memory.size();
    return FillReply(FillAnswer{std::move(memory), size});
  }
  Result<CheckReply> RecvCheck(std::uint64_t) override {
    BATON_CHECKED(Heard("PSync::Check"));
    return CheckReply(CheckAnswer{});
  }
  std::shared_ptr<sync::PSyncVaultParent> AllocPSyncVaultParent(const std::string&) override {
    return Heard("a vault is made") ? std::make_shared<SyncVaultOfParent>(world) : nullptr;
  }
  Result<PSyncVaultConstructorReply> RecvPSyncVaultConstructor(sync::PSyncVaultParent&,
                                                               std::string name) override {
    BATON_CHECKED(Heard("PSync::PSyncVault"));
    if (name.empty()) return PSyncVaultConstructorReply(sync::SyncError::kByZero);
    return PSyncVaultConstructorReply(PSyncVaultConstructorAnswer{name.size(), name});
  }
  Result<void> RecvTakeRoom(ManagedEndpoint<sync::PSyncRoomParent> endpoint) override {
    BATON_CHECKED(Heard("PSync::TakeRoom"));
    return BindPSyncRoomEndpoint(std::move(endpoint), std::make_shared<SyncRoomOfParent>(world));
  }
  Result<std::uint64_t> RecvAsk(std::uint64_t number) override {
    BATON_CHECKED(Heard("PSync::Ask"));
    return number;
  }
  Result<std::uint64_t> RecvHurry(std::uint64_t number) override {
    BATON_CHECKED(Heard("PSync::Hurry"));
    return number;
  }
  Result<void> RecvTell(std::string) override { return Heard("PSync::Tell"); }
  Result<ConfirmReply> RecvConfirm() override {
    BATON_CHECKED(Heard("PSync::Confirm"));
    return ConfirmReply{};
  }
  Result<SwapReply> RecvSwap(Shmem memory, std::string text) override {
    BATON_CHECKED(Heard("PSync::Swap"));
    return SwapReply{std::move(memory), std::move(text)};
  }
  Result<FetchReply> RecvFetch(std::uint64_t, std::uint32_t, std::uint32_t size) override {
    BATON_CHECKED(Heard("PSync::Fetch"));
    return FetchReply{0, std::vector<std::byte>(size % 5'000)};
  }
  Result<std::uint64_t> RecvDo(std::uint32_t) override {
    BATON_CHECKED(Heard("PSync::Do"));
    return std::uint64_t{1};
  }
  Result<NewPartReply> RecvNewPart() override {
    BATON_CHECKED(Heard("PSync::NewPart"));
    return NewPartReply(MakePart());
  }
  Result<void> RecvNote(std::uint64_t) override { return Heard("PSync::Note"); }
  void RecvQuestion(std::uint64_t number, QuestionReplier reply) override {
    if (const auto heard = Heard("PSync::Question"); !heard) return reply.Reject(heard.error());
    reply(number);
  }
  std::shared_ptr<sync::PSyncRoomParent> AllocPSyncRoomParent(std::uint32_t) override {
    return Heard("a room is made by the child") ? std::make_shared<SyncRoomOfParent>(world)
                                                : nullptr;
  }
  Result<std::uint64_t> RecvPSyncRoomConstructor(sync::PSyncRoomParent&, std::uint32_t) override {
    BATON_CHECKED(Heard("PSync::PSyncRoom, by the child"));
    return std::uint64_t{1};
  }
  Result<std::uint64_t> RecvDive(std::uint64_t depth) override {
    BATON_CHECKED(Heard("PSync::Dive, by the child"));
    return depth;
  }
  Result<void> RecvCross(std::uint64_t) override { return Heard("PSync::Cross, by the child"); }
};

}  // namespace baton::fuzz
