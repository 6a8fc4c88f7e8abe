// A valid payload for every frame of sync.idl, of either side.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/sync_actors.h"

namespace baton::fuzz {

// In these orders, which the corpus relies on: append.
class SyncSamples : public Samples {
 protected:
  using Kind = TreeKind;

  void AddControls(Side of) {
    const std::uint64_t number = 5;
    AddHello(sync::PSync::kProtocol, of);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddControl(internal::FrameKind::kRelease, internal::kReleaseTable, {&number, &number, &number});
  }
  // Both sides' question, as it is asked first and as it is asked inside of a handler.
  void AddDives() {
    const std::uint64_t depth = 1;
    AddTo(Kind::kWindow, sync::PSync::kDive, {&depth});
    AddTo(Kind::kWindow, sync::PSync::kDive, {&depth});
    all_.back().header.flags |= internal::kInside;
    AddTo(Kind::kRoom, sync::PSyncRoom::kKnock, {});
    AddTo(Kind::kRoom, sync::PSyncRoom::kKnock, {});
    all_.back().header.flags |= internal::kInside;
  }
  void AddRooms() {
    const std::uint32_t how = 1;
    AddMaker(Kind::kWindow, Kind::kRoom, sync::PSync::kPSyncRoomConstructor, {&how});
    AddMaker(Kind::kWindow, Kind::kRoom, sync::PSync::kPSyncRoomConstructor, {&how});
    all_.back().header.flags |= internal::kInside;
    AddTo(Kind::kRoom, sync::PSyncRoom::k__delete__, {});
    AddGone(ActorDestroyReason::kFailedConstructor, Kind::kRoom);
  }
  void AddAnswersToBoth() {
    const std::uint64_t number = 3;
    AddAnswerTo(sync::PSync::kDive, {&number});
    AddRefusalOf(sync::PSync::kDive);
    AddAnswerTo(sync::PSyncRoom::kKnock, {&number});
    AddAnswerTo(sync::PSync::kPSyncRoomConstructor, {&number});
    all_.back().makes = Kind::kRoom;
    AddRefusalOf(sync::PSync::kPSyncRoomConstructor);
    all_.back().makes = Kind::kRoom;
  }

  Outcome nobody_;
  World nowhere_{nobody_};
};

// What a parent says to a child that waits.
class SyncParentSamples final : public SyncSamples {
 public:
  SyncParentSamples() {
    const std::uint64_t number = 3;
    const std::vector<std::byte> content(10);
    const std::shared_ptr<sync::PSyncPartChild> part = std::make_shared<SyncPart>(nowhere_);
    AddControls(Side::kParent);
    AddTo(Kind::kWindow, sync::PSync::kPiece, {&number, &content});
    AddMaker(Kind::kWindow, Kind::kPart, sync::PSync::kPSyncPartConstructor, {});
    AddTo(Kind::kWindow, sync::PSync::kShow, {&part});
    Names(Kind::kPart);
    AddTo(Kind::kPart, sync::PSyncPart::kTouch, {});
    AddTo(Kind::kPart, sync::PSyncPart::k__delete__, {});
    AddDives();
    AddRooms();
    AddTo(Kind::kWindow, sync::PSync::kCross, {&number});
    AddAnswersToBoth();
    AddAnswers(part);
  }

 private:
  void AddAnswers(const std::shared_ptr<sync::PSyncPartChild>& part) {
    namespace PSync = sync::PSync;
    const std::uint64_t number = 3;
    const std::string text = "text";
    const Shmem memory;
    const std::vector<std::byte> content(10);
    const PSync::DivideReply quotient(std::uint64_t{3});
    const PSync::CheckReply checked(sync::SyncError::kTooLarge);
    const PSync::FillReply filled(std::in_place_index<0>);
    const PSync::PSyncVaultConstructorReply vault(std::in_place_index<0>);
    const sync::PSyncVault::OpenReply opened(sync::SyncError::kTooLarge);
    AddAnswerTo(PSync::kAsk, {&number});
    AddRefusalOf(PSync::kAsk);
    AddAnswerTo(PSync::kTell, {});
    AddAnswerTo(PSync::kConfirm, {});
    AddAnswerTo(PSync::kDivide, {&quotient});
    AddAnswerTo(PSync::kCheck, {&checked});
    AddAnswerTo(PSync::kDo, {&number});
    AddAnswerTo(PSync::kFetch, {&number, &content});
    AddAnswerTo(PSync::kNewPart, {&part});
    Names(Kind::kPart);
    AddAnswerTo(PSync::kSwap, {&memory, &text});
    AddAnswerTo(PSync::kFill, {&filled});
    AddAnswerTo(PSync::kQuestion, {&number});
    AddAnswerTo(PSync::kPSyncVaultConstructor, {&vault});
    all_.back().makes = Kind::kVault;
    AddAnswerTo(sync::PSyncRoom::kPSyncDeskConstructor, {});
    all_.back().makes = Kind::kDesk;
    AddAnswerTo(sync::PSyncPart::kAskPart, {&number});
    AddAnswerTo(sync::PSyncVault::kOpen, {&opened});
    AddAnswerTo(sync::PSyncDesk::kOwner, {&text});
  }
};

// What a child says that waits, or should.
class SyncChildSamples final : public SyncSamples {
 public:
  SyncChildSamples() {
    AddControls(Side::kChild);
    AddQuestions();
    AddDives();
    AddRooms();
    AddBelow();
    AddAnswersToBoth();
    AddAnswerTo(sync::PSync::kShow, {});
    AddAnswerTo(sync::PSyncPart::kTouch, {});
  }

 private:
  void AddQuestions() {
    namespace PSync = sync::PSync;
    const std::uint64_t number = 3;
    const std::uint64_t nothing = 0;
    const std::uint32_t action = 1;
    const std::uint8_t value = 7;
    const std::string text = "text";
    const Shmem memory;
    AddTo(Kind::kWindow, PSync::kAsk, {&number});
    AddTo(Kind::kWindow, PSync::kHurry, {&number});
    AddTo(Kind::kWindow, PSync::kTell, {&text});
    AddTo(Kind::kWindow, PSync::kConfirm, {});
    AddTo(Kind::kWindow, PSync::kDivide, {&number, &number});
    AddTo(Kind::kWindow, PSync::kDivide, {&number, &nothing});
    AddTo(Kind::kWindow, PSync::kCheck, {&number});
    AddTo(Kind::kWindow, PSync::kDo, {&action});
    AddTo(Kind::kWindow, PSync::kFetch, {&number, &action, &action});
    AddTo(Kind::kWindow, PSync::kNewPart, {});
    AddTo(Kind::kWindow, PSync::kSwap, {&memory, &text});
    AddTo(Kind::kWindow, PSync::kFill, {&memory, &value});
    AddTo(Kind::kWindow, PSync::kNote, {&number});
    AddTo(Kind::kWindow, PSync::kQuestion, {&number});
    AddTo(Kind::kWindow, PSync::kCross, {&number});
  }
  void AddBelow() {
    const std::uint64_t number = 3;
    const std::string text = "text";
    const internal::AnyManagedEndpoint endpoint;
    AddMaker(Kind::kWindow, Kind::kVault, sync::PSync::kPSyncVaultConstructor, {&text});
    AddMaker(Kind::kRoom, Kind::kDesk, sync::PSyncRoom::kPSyncDeskConstructor, {&text});
    AddOpen(Kind::kWindow, Kind::kRoomEndpoint, sync::PSyncRoom::kProtocol.id);
    AddTo(Kind::kWindow, sync::PSync::kTakeRoom, {&endpoint});
    Names(Kind::kRoomEndpoint);
    AddTo(Kind::kPart, sync::PSyncPart::kAskPart, {&number});
    AddTo(Kind::kVault, sync::PSyncVault::kOpen, {&number});
    AddTo(Kind::kDesk, sync::PSyncDesk::kOwner, {});
    AddTo(Kind::kDesk, sync::PSyncDesk::k__delete__, {});
  }
};

}  // namespace baton::fuzz
