// A valid payload for every frame of a host of meet.idl, and of what is said over the ends that it
// gives away.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/meet_victim.h"

namespace baton::fuzz {

// In these orders, which the corpus relies on: append.
class MeetSamples final : public Samples {
 public:
  MeetSamples() {
    AddHello(meet::PHost::kProtocol);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddEnds();
    AddDeal();
    AddSeats();
    AddOthers();
  }

 private:
  using Kind = TreeKind;
  using Talk = Endpoint<meet::PTalkChild>;

  void AddEnds() {
    namespace PHost = meet::PHost;
    const std::string name = "Ann";
    const Talk talk;
    const Endpoint<meet::PTalkParent> parent;
    const Endpoint<meet::PHostChild> host;
    const Endpoint<meet::PHostParent> guest;
    const std::vector<Talk> talks(3);
    AddTo(Kind::kWindow, PHost::kMeet, {&name, &parent});
    AddTo(Kind::kWindow, PHost::kJoin, {&name, &talk});
    AddTo(Kind::kWindow, PHost::kKeep, {&talk});
    AddTo(Kind::kWindow, PHost::kKeepAll, {&talks});
    AddTo(Kind::kWindow, PHost::kServe, {&host});
    AddTo(Kind::kWindow, PHost::kAdopt, {&guest});
  }
  void AddDeal() {
    const meet::Card card;
    const std::vector<Talk> some(2);
    std::optional<Talk> maybe;
    maybe.emplace();
    std::map<std::string, Talk> named;
    named["Bob"];
    const meet::Gift gift;
    const std::array<Talk, 2> pair;
    const auto behind = std::make_unique<meet::Card>();
    AddTo(Kind::kWindow, meet::PHost::kDeal, {&card, &some, &maybe, &named, &gift, &pair, &behind});
  }
  void AddSeats() {
    const std::string name = "Ann";
    const Talk talk;
    const internal::AnyManagedEndpoint endpoint;
    const std::shared_ptr<meet::PSeatChild> seat = std::make_shared<MeetSeat>(nowhere_);
    AddMaker(Kind::kWindow, Kind::kTab, meet::PHost::kPSeatConstructor, {});
    AddOpen(Kind::kWindow, Kind::kEndpoint, meet::PSeat::kProtocol.id);
    AddTo(Kind::kWindow, meet::PHost::kSit, {&endpoint, &name, &talk});
    AddTo(Kind::kWindow, meet::PHost::kShare, {&seat, &talk});
    AddTo(Kind::kTab, meet::PSeat::k__delete__, {});
  }
  void AddOthers() {
    namespace PHost = meet::PHost;
    const std::string text = "text";
    const std::uint8_t fill = 7;
    const FileDescriptor leash;
    AddTo(Kind::kWindow, PHost::kOffer, {&text});
    AddTo(Kind::kWindow, PHost::kIntroduce, {});
    AddTo(Kind::kWindow, PHost::kTell, {&text, &text});
    AddTo(Kind::kWindow, PHost::kLend, {&text, &fill});
    AddTo(Kind::kWindow, PHost::kLeaveSomebody, {&leash});
    AddTo(Kind::kWindow, PHost::kLabel, {&text});
    AddTo(Kind::kWindow, PHost::kGiveBack, {});
  }

  Outcome nobody_;
  World nowhere_{nobody_};
};

class TalkSamples final : public Samples {
 public:
  TalkSamples() {
    const std::string text = "text";
    const std::string question = "?";
    const Shmem memory;
    AddHello(meet::PTalk::kProtocol);
    AddHello(meet::PTalk::kProtocol, Side::kChild);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    Add(meet::PTalk::kSay, {&text});
    Add(meet::PTalk::kSay, {&question});
    Add(meet::PTalk::kHand, {&memory});
  }
};

}  // namespace baton::fuzz
