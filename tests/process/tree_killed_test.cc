// A process is killed at the n-th thing that happens to its tree, for all n; the survivor's actors
// end once each, managees first.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include <baton/async.h>

#include "tests/process/tree_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/peer.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using enum ActorDestroyReason;

// Above these an action says at which event the peer dies.
enum Action : std::uint32_t { kMakeTab, kDeleteOldest, kDieAt };

PEER(Mortal) {
  io_context io;
  World world;
  const auto window = std::make_shared<WindowOfChild>(world);
  std::uint32_t events_left = 0;
  world.at = [&](const std::string&, Actor&) {
    if (events_left > 0 && --events_left == 0) (void)std::raise(SIGKILL);
  };
  window->on_do = [&](std::uint32_t action) {
    const auto tabs = window->tabs();
    if (action >= kDieAt) {
      events_left = action - kDieAt;
    } else if (action == kMakeTab) {
      Must(Construct(*window, std::make_shared<TabOfChild>(world)));
    } else if (!tabs.empty()) {
      Must(tabs.front()->Send__delete__("told to"));
    }
  };
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), window, io.get_executor(), link.options));
  io.run();
}

// The survivor, and which of its actors manages which.
struct SurvivingTree {
  explicit SurvivingTree(Link link) {
    Must(internal::BindEndpoint(std::move(link.parts), window, io.get_executor(), link.options));
  }

  // A story with constructors and deletions from both sides, some of which cross. From the moment
  // of the death on nothing can be sent, and that is no failure.
  void Live(std::uint32_t die_at) {
    Must(window->SendDo(kDieAt + die_at));
    for (int round = 0; round < 3; ++round) {
      const auto tab = std::make_shared<TabOfParent>(world);
      if (!Construct(*window, tab)) break;
      const std::string tab_name = tab->who();
      const auto frame = std::make_shared<FrameOfParent>(world);
      if (!tab->SendPFrameConstructor(frame, 1)) break;
      manager_of[frame->who()] = tab_name;
      (void)window->SendDo(kMakeTab);
      (void)window->SendDo(kDeleteOldest);
      (void)frame->SendNote(1);
      if (round == 1) (void)tab->Send__delete__("here");
      Settle();
    }
  }

  void Settle() {
    bool settled = false;
    window->SendAsk(1, [&](error_code, std::uint32_t) { settled = true; });
    io.restart();
    while (!settled && io.run_one() > 0) {
    }
  }

  // After the end of the channel.
  void CheckEnds() const {
    for (const auto& [who, times] : world.destroyed) {
      INFO(who);
      CHECK(times == 1);
    }
    for (const auto& [frame, tab] : manager_of) {
      INFO(frame << " of " << tab);
      CHECK(PlaceOf(frame) < PlaceOf(tab));
      CHECK(PlaceOf(tab) < world.ended.size());
    }
    REQUIRE_FALSE(world.ended.empty());
    CHECK(world.ended.back().who == "window 0");
  }

  io_context io;
  World world;
  std::shared_ptr<WindowOfParent> window = std::make_shared<WindowOfParent>(world);
  std::map<std::string, std::string> manager_of;

 private:
  std::size_t PlaceOf(const std::string& who) const {
    const auto found =
        std::ranges::find_if(world.ended, [&](const Ended& ended) { return ended.who == who; });
    return static_cast<std::size_t>(found - world.ended.begin());
  }
};

TEST_CASE("whenever a process is killed, the other's actors end once each, managees first") {
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  std::uint32_t die_at = 1;
  for (bool was_killed = true; was_killed; ++die_at) {
    INFO("at event " << die_at);
    Peer peer = START_PEER(PeerKind::kProcess, Mortal);
    SurvivingTree survivor(Offer(peer, {PeerKind::kProcess, path}));
    survivor.Live(die_at);
    survivor.window->Close();
    survivor.io.restart();
    survivor.io.run();
    survivor.CheckEnds();
    was_killed = peer.AwaitEnd().signal == SIGKILL;
    const bool saw_a_death = survivor.world.ended.back().reason == kAbnormalShutdown;
    if (!was_killed) CHECK_FALSE(saw_a_death);
  }
  CHECK(die_at > 10);
}

}  // namespace
}  // namespace baton::testing
