// The actors below the victims of sync.idl. What they ask is answered by the script, while they
// wait (ScriptedStream::Block), and only a deadline of 0 passes by itself.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <baton/async.h>

#include "syncChild.h"
#include "syncParent.h"
#include "tests/fuzz/channel/world.h"

namespace baton::fuzz {

namespace sync = ::testing;

constexpr std::chrono::hours kUntilTheScriptEnds{1};

// What a sync actor needs to ask: the liar has to know of the question before it is answered.
template <class Base, TreeKind kOwnKind>
class SyncFellow : public Fellow<Base, kOwnKind> {
 public:
  using Fellow<Base, kOwnKind>::Fellow;

 protected:
  // `send` waits for the answer to that message of this actor's.
  template <class Send>
  auto Asking(const wire::Message& message, Send send) {
    Reached(message.name + std::string(" is asked"));
    this->world.asked.emplace_back(this->actor_id(), message.id);
    const std::size_t asked = this->world.asked.size();
    auto answer = send();
    if (answer) Reached(message.name + std::string(" is answered"));
    if (!answer && WasNotSent(answer.error()) && asked == this->world.asked.size()) {
      this->world.asked.pop_back();
    }
    return answer;
  }

  // `send` makes `actor`, and waits for what the other side says.
  template <class Made, class Send>
  void Constructing(const std::shared_ptr<Made>& actor, Send send) {
    Reached("a sync constructor waits");
    this->world.constructing = actor;
    if (send(actor)) Reached("a sync constructor is answered");
    this->NoteMade(*actor);
  }

 private:
  static bool WasNotSent(std::error_code error) {
    return error == std::errc::resource_deadlock_would_occur || error == Errc::kWouldBlock;
  }
};

// --- The child's side ----------------------------------------------------------------------------

class SyncPart final : public SyncFellow<sync::PSyncPartChild, TreeKind::kPart> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncPart::kAskPart, [&] { return SendAskPart(1, deadline); });
  }

 private:
  Result<void> RecvTouch() override { return Heard("PSyncPart::Touch"); }
};

class SyncDesk final : public SyncFellow<sync::PSyncDeskChild, TreeKind::kDesk> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncDesk::kOwner, [&] { return SendOwner(deadline); });
  }
};

class SyncVault final : public SyncFellow<sync::PSyncVaultChild, TreeKind::kVault> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncVault::kOpen, [&] { return SendOpen(7, deadline); });
  }
};

class SyncRoom final : public SyncFellow<sync::PSyncRoomChild, TreeKind::kRoom> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncRoom::kKnock, [&] { return SendKnock(deadline); });
  }
  void MakeDesk(std::chrono::microseconds deadline) {
    Constructing(std::make_shared<SyncDesk>(world), [&](const auto& desk) {
      return SendPSyncDeskConstructor(desk, "somebody", deadline);
    });
  }

 private:
  Result<std::uint64_t> RecvKnock() override {
    BATON_CHECKED(Heard("PSyncRoom::Knock, by the parent"));
    return std::uint64_t{1};
  }
};

// --- The parent's side ---------------------------------------------------------------------------

class SyncPartOfParent final : public SyncFellow<sync::PSyncPartParent, TreeKind::kPart> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncPart::kTouch, [&] { return SendTouch(deadline); });
  }

 private:
  Result<std::uint64_t> RecvAskPart(std::uint64_t number) override {
    BATON_CHECKED(Heard("PSyncPart::AskPart"));
    return number;
  }
};

class SyncDeskOfParent final : public SyncFellow<sync::PSyncDeskParent, TreeKind::kDesk> {
 public:
  using SyncFellow::SyncFellow;

 private:
  Result<std::string> RecvOwner() override {
    BATON_CHECKED(Heard("PSyncDesk::Owner"));
    return std::string("somebody");
  }
};

class SyncVaultOfParent final : public SyncFellow<sync::PSyncVaultParent, TreeKind::kVault> {
 public:
  using SyncFellow::SyncFellow;

 private:
  Result<OpenReply> RecvOpen(std::uint64_t) override {
    BATON_CHECKED(Heard("PSyncVault::Open"));
    return OpenReply(sync::SyncError::kTooLarge);
  }
};

class SyncRoomOfParent final : public SyncFellow<sync::PSyncRoomParent, TreeKind::kRoom> {
 public:
  using SyncFellow::SyncFellow;

  void Ask(std::chrono::microseconds deadline) {
    (void)Asking(sync::PSyncRoom::kKnock, [&] { return SendKnock(deadline); });
  }

 private:
  std::shared_ptr<sync::PSyncDeskParent> AllocPSyncDeskParent(const std::string&) override {
    return Heard("a desk is made") ? std::make_shared<SyncDeskOfParent>(world) : nullptr;
  }
  Result<void> RecvPSyncDeskConstructor(sync::PSyncDeskParent&, std::string) override {
    return Heard("PSyncRoom::PSyncDesk");
  }
  Result<std::uint64_t> RecvKnock() override {
    BATON_CHECKED(Heard("PSyncRoom::Knock, by the child"));
    return std::uint64_t{1};
  }
};

}  // namespace baton::fuzz
