// Both sides of tree.idl. What happens inside a handler is up to the test: every one of them tells
// the World of its side where it is, `world.at("RecvNote", actor)`, and notes what came.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "treeChild.h"
#include "treeParent.h"

namespace baton::testing {

using boost::asio::io_context;
namespace tree = ::testing;

struct Ended {
  std::string who;  // "tab 4"
  ActorDestroyReason reason;
  bool operator==(const Ended&) const = default;
};

// What one side's actors have in common.
struct World {
  std::function<void(const std::string& where, Actor& actor)> at = [](const auto&, Actor&) {};
  bool refuses = false;  // Alloc returns null
  bool fails = false;    // constructor handlers fail
  std::vector<Ended> ended;
  std::map<std::string, int> destroyed;  // by who()
  std::vector<std::error_code> handler_errors;
};

struct ParentSideOfTree {
  using Window = tree::PWindowParent;
  using Tab = tree::PTabParent;
  using Frame = tree::PFrameParent;
  using Plain = tree::PPlainParent;
};
struct ChildSideOfTree {
  using Window = tree::PWindowChild;
  using Tab = tree::PTabChild;
  using Frame = tree::PFrameChild;
  using Plain = tree::PPlainChild;
};

// What every actor here does, whatever its protocol.
template <class Base>
class TreeActor : public Base {
 public:
  TreeActor(World& of, const char* kind) : world(of), kind_(kind) {}

  World& world;
  std::vector<std::uint32_t> notes;

  std::string who() const { return std::string(kind_) + " " + std::to_string(this->actor_id()); }

 protected:
  void ActorDestroy(ActorDestroyReason reason) override {
    world.ended.push_back({who(), reason});
    ++world.destroyed[who()];
    world.at("ActorDestroy", *this);
  }
  void OnHandlerError(std::error_code error) override { world.handler_errors.push_back(error); }

  Result<void> Constructed(Actor& actor) {
    world.at("RecvConstructor", actor);
    if (world.fails) return Fail(std::make_error_code(std::errc::not_supported));
    return {};
  }

 private:
  const char* kind_;
};

template <class S>
class AnyPlain final : public TreeActor<typename S::Plain> {
 public:
  explicit AnyPlain(World& world) : TreeActor<typename S::Plain>(world, "plain") {}

 protected:
  Result<void> RecvNote(std::uint32_t number) override {
    this->notes.push_back(number);
    this->world.at("RecvNote", *this);
    return {};
  }
};

template <class S>
class AnyFrame : public TreeActor<typename S::Frame> {
 public:
  explicit AnyFrame(World& world) : TreeActor<typename S::Frame>(world, "frame") {}

 protected:
  Result<void> RecvNote(std::uint32_t number) override {
    this->notes.push_back(number);
    this->world.at("RecvNote", *this);
    return {};
  }
  void RecvAsk(std::uint32_t number, typename S::Frame::AskReplier reply) override {
    this->world.at("RecvAsk", *this);
    reply(number + 1);
  }
  Result<void> RecvPFrameConstructor(typename S::Frame& frame, std::uint32_t) override {
    return this->Constructed(frame);
  }
  Result<void> Recv__delete__() override {
    this->world.at("RecvDelete", *this);
    return {};
  }
};

template <class S>
class AnyTab : public TreeActor<typename S::Tab> {
 public:
  explicit AnyTab(World& world) : TreeActor<typename S::Tab>(world, "tab") {}

  std::string url;
  tree::Look look;
  std::vector<std::byte> data;
  std::map<std::string, std::uint32_t> marks;
  std::vector<Shmem> memory;
  std::vector<typename S::Tab::AskReplier> unanswered;
  std::string why;  // it was deleted
  std::shared_ptr<typename S::Frame> met;

 protected:
  Result<void> RecvNote(std::uint32_t number) override {
    this->notes.push_back(number);
    this->world.at("RecvNote", *this);
    return {};
  }
  Result<void> RecvLend(Shmem lent) override {
    memory.push_back(std::move(lent));
    return {};
  }
  // Keeps the question 0.
  void RecvAsk(std::uint32_t number, typename S::Tab::AskReplier reply) override {
    this->world.at("RecvAsk", *this);
    if (number == 0) return unanswered.push_back(std::move(reply));
    reply(number + 1);
  }
  Result<void> RecvMeet(std::shared_ptr<typename S::Frame> frame,
                        std::shared_ptr<typename S::Window> window) override {
    CHECK(window == this->Manager());
    met = std::move(frame);
    return {};
  }
  Result<void> RecvPFrameConstructor(typename S::Frame& frame, std::uint32_t) override {
    return this->Constructed(frame);
  }
  Result<void> Recv__delete__(std::string reason) override {
    why = std::move(reason);
    this->world.at("RecvDelete", *this);
    return {};
  }
};

template <class S>
class AnyWindow : public TreeActor<typename S::Window> {
 public:
  using Tab = AnyTab<S>;

  explicit AnyWindow(World& world) : TreeActor<typename S::Window>(world, "window") {}

  std::vector<std::pair<std::shared_ptr<typename S::Tab>, std::shared_ptr<typename S::Tab>>> shown;
  std::optional<tree::Choice> choice;
  std::optional<tree::Pick> pick;
  std::function<void(std::uint32_t)> on_do = [](std::uint32_t) {};
  ManagedEndpoint<typename S::Tab> endpoint;

 protected:
  Result<void> RecvPTabConstructor(typename S::Tab& actor, std::string url, tree::Look look,
                                   std::optional<Shmem> memory, std::vector<std::byte> data,
                                   std::map<std::string, std::uint32_t> marks) override {
    auto& tab = static_cast<Tab&>(actor);
    tab.url = std::move(url);
    tab.look = std::move(look);
    tab.data = std::move(data);
    tab.marks = std::move(marks);
    if (memory) tab.memory.push_back(*std::move(memory));
    return this->Constructed(actor);
  }
  Result<void> RecvPPlainConstructor(typename S::Plain& plain) override {
    return this->Constructed(plain);
  }
  Result<void> RecvShow(std::shared_ptr<typename S::Tab> tab,
                        std::shared_ptr<typename S::Tab> previous) override {
    shown.emplace_back(std::move(tab), std::move(previous));
    return {};
  }
  Result<void> RecvArrange(tree::Choice arranged, tree::Pick picked) override {
    choice = std::move(arranged);
    pick = std::move(picked);
    return {};
  }
  void RecvWhich(std::shared_ptr<typename S::Tab> tab,
                 typename S::Window::WhichReplier reply) override {
    reply({std::move(tab), 7});
  }
  Result<void> RecvDo(std::uint32_t action) override {
    on_do(action);
    return {};
  }
  void RecvAsk(std::uint32_t number, typename S::Window::AskReplier reply) override {
    this->world.at("RecvAsk", *this);
    reply(number + 1);
  }
  template <class Made>
  std::shared_ptr<Made> Make() {
    this->world.at("Alloc", *this);
    return this->world.refuses ? nullptr : std::make_shared<Made>(this->world);
  }
};

// --- What is called differently on each side -----------------------------------------------------

class FrameOfParent final : public AnyFrame<ParentSideOfTree> {
 public:
  using AnyFrame::AnyFrame;

 protected:
  std::shared_ptr<tree::PFrameParent> AllocPFrameParent(std::uint32_t) override {
    world.at("Alloc", *this);
    return world.refuses ? nullptr : std::make_shared<FrameOfParent>(world);
  }
};
class FrameOfChild final : public AnyFrame<ChildSideOfTree> {
 public:
  using AnyFrame::AnyFrame;

 protected:
  std::shared_ptr<tree::PFrameChild> AllocPFrameChild(std::uint32_t) override {
    world.at("Alloc", *this);
    return world.refuses ? nullptr : std::make_shared<FrameOfChild>(world);
  }
};

class TabOfParent final : public AnyTab<ParentSideOfTree> {
 public:
  using AnyTab::AnyTab;

 protected:
  std::shared_ptr<tree::PFrameParent> AllocPFrameParent(std::uint32_t) override {
    world.at("Alloc", *this);
    return world.refuses ? nullptr : std::make_shared<FrameOfParent>(world);
  }
};
class TabOfChild final : public AnyTab<ChildSideOfTree> {
 public:
  using AnyTab::AnyTab;

 protected:
  std::shared_ptr<tree::PFrameChild> AllocPFrameChild(std::uint32_t) override {
    world.at("Alloc", *this);
    return world.refuses ? nullptr : std::make_shared<FrameOfChild>(world);
  }
};

class WindowOfParent final : public AnyWindow<ParentSideOfTree> {
 public:
  using AnyWindow::AnyWindow;

  std::vector<std::shared_ptr<tree::PTabParent>> tabs() const { return ManagedPTabParent(); }

 protected:
  std::shared_ptr<tree::PTabParent> AllocPTabParent(
      const std::string&, const tree::Look&, const std::optional<Shmem>&,
      const std::vector<std::byte>&, const std::map<std::string, std::uint32_t>&) override {
    return Make<TabOfParent>();
  }
  std::shared_ptr<tree::PPlainParent> AllocPPlainParent() override {
    return Make<AnyPlain<ParentSideOfTree>>();
  }
  void RecvWhichOne(std::uint32_t number, WhichOneReplier reply) override {
    const auto tabs = ManagedPTabParent();
    if (number >= tabs.size()) return reply.Reject(std::make_error_code(std::errc::not_supported));
    reply(tabs[number]);
  }
  Result<void> RecvTake(ManagedEndpoint<tree::PTabChild>, std::uint32_t) override { return {}; }
  Result<void> RecvGive(ManagedEndpoint<tree::PTabParent> given, std::uint32_t) override {
    endpoint = std::move(given);
    world.at("RecvEndpoint", *this);
    return {};
  }
};
class WindowOfChild final : public AnyWindow<ChildSideOfTree> {
 public:
  using AnyWindow::AnyWindow;

  std::vector<std::shared_ptr<tree::PTabChild>> tabs() const { return ManagedPTabChild(); }

 protected:
  std::shared_ptr<tree::PTabChild> AllocPTabChild(
      const std::string&, const tree::Look&, const std::optional<Shmem>&,
      const std::vector<std::byte>&, const std::map<std::string, std::uint32_t>&) override {
    return Make<TabOfChild>();
  }
  std::shared_ptr<tree::PPlainChild> AllocPPlainChild() override {
    return Make<AnyPlain<ChildSideOfTree>>();
  }
  void RecvWhichOne(std::uint32_t number, WhichOneReplier reply) override {
    const auto tabs = ManagedPTabChild();
    if (number >= tabs.size()) return reply.Reject(std::make_error_code(std::errc::not_supported));
    reply(tabs[number]);
  }
  Result<void> RecvTake(ManagedEndpoint<tree::PTabChild> taken, std::uint32_t) override {
    endpoint = std::move(taken);
    world.at("RecvEndpoint", *this);
    return {};
  }
  Result<void> RecvGive(ManagedEndpoint<tree::PTabParent>, std::uint32_t) override { return {}; }
};

// A tab with next to nothing to say.
template <class Window, class Tab>
Result<void> Construct(Window& window, const std::shared_ptr<Tab>& tab) {
  return window.SendPTabConstructor(tab, "about:blank", {}, std::nullopt, {}, {});
}

// Both windows, in one thread.
struct TreePair {
  explicit TreePair(Path path = Path::kRing, const ChannelOptions& child_options = {}) {
    auto ends = CreateEndpointsOn<tree::PWindowParent, tree::PWindowChild>(path);
    ChannelOptions options = child_options;
    if (path == Path::kSocket) options.ring_bytes = 0;
    Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(child, io.get_executor(), options));
  }
  // Ends in good order, so that nothing is left behind; every actor has been told once.
  ~TreePair() {
    here.at = there.at = [](const auto&, Actor&) {};
    parent->Close();
    io.restart();
    io.run();
    for (const World* const world : {&here, &there}) {
      for (const auto& [who, times] : world->destroyed) {
        INFO(who);
        CHECK(times == 1);
      }
    }
    if (alone_here >= 0)
      CHECK(here.destroyed.size() == there.destroyed.size() + static_cast<std::size_t>(alone_here));
  }

  // Until nothing happens any more. (What spins is never at rest: two turns after the last news.)
  void Settle() {
    bool answered = false;
    parent->SendAsk(1, [&](boost::system::error_code, std::uint32_t) { answered = true; });
    Until([&] { return answered; });
    answered = false;
    child->SendAsk(1, [&](boost::system::error_code, std::uint32_t) { answered = true; });
    Until([&] { return answered; });
    answered = false;
    parent->SendAsk(1, [&](boost::system::error_code, std::uint32_t) { answered = true; });
    Until([&] { return answered; });
  }
  template <class Predicate>
  void Until(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }
  void RunToTheEnd() {
    io.restart();
    io.run();
  }

  World here;          // the parent's
  World there;         // the child's
  int alone_here = 0;  // actors here that never were there; -1: any number
  io_context io;
  std::shared_ptr<WindowOfParent> parent = std::make_shared<WindowOfParent>(here);
  std::shared_ptr<WindowOfChild> child = std::make_shared<WindowOfChild>(there);
};

}  // namespace baton::testing
