// A valid payload for every frame that tree.idl allows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/tree_actors.h"
#include "treeParent.h"

namespace baton::fuzz {

// In this order, which the corpus relies on: append.
class TreeSamples : public Samples {
 public:
  TreeSamples() {
    const std::uint64_t number = 5;
    AddHello(tree::PWindow::kProtocol);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddControl(internal::FrameKind::kRelease, internal::kReleaseTable, {&number, &number, &number});
    AddMakers();
    AddForWindow();
    AddForTab();
    AddForOthers();
    AddAnswers();
  }

 private:
  using Kind = TreeKind;

  void AddMakers() {
    const std::string text = "url";
    const tree::Look look = {"title", tree::Colour::kBlue, {1, 2}};
    std::optional<Shmem> memory;
    const std::vector<std::byte> data(3);
    const std::map<std::string, std::uint32_t> marks = {{"a", 1}};
    const std::uint32_t depth = 1;
    AddMaker(Kind::kWindow, Kind::kTab, tree::PWindow::kPTabConstructor,
             {&text, &look, &memory, &data, &marks});
    memory.emplace();
    AddMaker(Kind::kWindow, Kind::kTab, tree::PWindow::kPTabConstructor,
             {&text, &look, &memory, &data, &marks});
    AddMaker(Kind::kWindow, Kind::kPlain, tree::PWindow::kPPlainConstructor, {});
    AddMaker(Kind::kTab, Kind::kFrame, tree::PTab::kPFrameConstructor, {&depth});
    AddMaker(Kind::kFrame, Kind::kFrame, tree::PFrame::kPFrameConstructor, {&depth});
    AddOpen(Kind::kWindow, Kind::kEndpoint, tree::PTab::kProtocol.id);
    AddOpen(Kind::kWindow, Kind::kPlain, tree::PPlain::kProtocol.id);
    AddOpen(Kind::kTab, Kind::kFrame, tree::PFrame::kProtocol.id);
    AddOpen(Kind::kFrame, Kind::kFrame, tree::PFrame::kProtocol.id);
    AddGone(ActorDestroyReason::kManagedEndpointDropped);
    AddGone(ActorDestroyReason::kFailedConstructor);
  }

  void AddForWindow() {
    const auto& tab = tab_;
    const std::uint32_t number = 1;
    const internal::AnyManagedEndpoint endpoint;
    const tree::Choice choice = {tab, tab, {tab, tab}, {tab}};
    const tree::Pick pick(std::in_place_index<0>, tab);
    AddTo(Kind::kWindow, tree::PWindow::kShow, {&tab, &tab});
    AddTo(Kind::kWindow, tree::PWindow::kArrange, {&choice, &pick});
    AddTo(Kind::kWindow, tree::PWindow::kWhich, {&tab});
    AddTo(Kind::kWindow, tree::PWindow::kWhichOne, {&number});
    AddTo(Kind::kWindow, tree::PWindow::kTake, {&endpoint, &number});
    AddTo(Kind::kWindow, tree::PWindow::kGive, {&endpoint, &number});
    AddTo(Kind::kWindow, tree::PWindow::kDo, {&number});
    AddTo(Kind::kWindow, tree::PWindow::kAsk, {&number});
  }

  void AddForTab() {
    const std::uint32_t number = 2;
    const std::string why = "why";
    const Shmem memory;
    const std::shared_ptr<tree::PFrameChild> frame = std::make_shared<TreeFrame>(nowhere_);
    AddTo(Kind::kTab, tree::PTab::kNote, {&number});
    AddTo(Kind::kTab, tree::PTab::kLend, {&memory});
    AddTo(Kind::kTab, tree::PTab::kAsk, {&number});
    AddTo(Kind::kTab, tree::PTab::kMeet, {&frame, &tab_});
    auto& actors = all_.back().actors;
    for (auto& actor : actors) actor.kind = Kind::kFrame;
    actors.back().kind = Kind::kWindow;
    AddTo(Kind::kTab, tree::PTab::k__delete__, {&why});
  }

  void AddForOthers() {
    const std::uint32_t number = 2;
    AddTo(Kind::kFrame, tree::PFrame::kNote, {&number});
    AddTo(Kind::kFrame, tree::PFrame::kAsk, {&number});
    AddTo(Kind::kFrame, tree::PFrame::k__delete__, {});
    AddTo(Kind::kPlain, tree::PPlain::kNote, {&number});
    AddTo(Kind::kPlain, tree::PPlain::k__delete__, {});
  }

  // The liar fills in which question they answer.
  void AddAnswers() {
    const std::uint32_t number = 2;
    const std::uint8_t space = 0;
    const std::int32_t value = 22;
    AddAnswer(internal::FrameKind::kReply, tree::PWindow::kAsk, *tree::PWindow::kAsk.reply,
              {&number});
    AddAnswer(internal::FrameKind::kReply, tree::PWindow::kWhichOne,
              *tree::PWindow::kWhichOne.reply, {&tab_});
    AddAnswer(internal::FrameKind::kReject, tree::PWindow::kAsk, internal::kRejectTable,
              {&space, &value});
  }

  Outcome nobody_;
  TreeWorld nowhere_{nobody_};
  const std::shared_ptr<tree::PTabChild> tab_ = std::make_shared<TreeTab>(nowhere_);
};

}  // namespace baton::fuzz
