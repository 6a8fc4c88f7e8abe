// A conversation among trees, between threads and between processes, on every transport.
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/tree_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/peer.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using enum ActorDestroyReason;

constexpr std::uint32_t kRounds = 300 / BATON_TEST_SLOWNESS;

enum Action : std::uint32_t { kMakeTab, kDeleteOldest, kNoteToAll };

// Does what it is told, until the parent closes.
PEER(Growing) {
  io_context io;
  World world;
  const auto window = std::make_shared<WindowOfChild>(world);
  window->on_do = [&](std::uint32_t action) {
    const auto tabs = window->tabs();
    if (action == kMakeTab) {
      Must(Construct(*window, std::make_shared<TabOfChild>(world)));
    } else if (action == kDeleteOldest && !tabs.empty()) {
      Must(tabs.front()->Send__delete__("told to"));
    } else if (action == kNoteToAll) {
      for (const auto& tab : tabs) Must(tab->SendNote(tab->actor_id()));
    }
  };
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), window, io.get_executor(), link.options));
  io.run();
  for (const auto& [who, times] : world.destroyed) PEER_EXPECT(times == 1);
  PEER_EXPECT(world.destroyed.contains("window 0"));
  PEER_EXPECT(!window->close_error());
}

TEST_CASE("trees grow and are cut from both sides at once") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Growing);
  Link link = Offer(peer, transport);
  io_context io;
  World world;
  const auto window = std::make_shared<WindowOfParent>(world);
  Must(internal::BindEndpoint(std::move(link.parts), window, io.get_executor(), link.options));
  const auto settle = [&] {
    bool answered = false;
    window->SendAsk(1, [&](error_code, std::uint32_t) { answered = true; });
    io.restart();
    while (!answered && io.run_one() > 0) {
    }
    CHECK(answered);
  };
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const auto tab = std::make_shared<TabOfParent>(world);
    Must(Construct(*window, tab));
    const auto frame = std::make_shared<FrameOfParent>(world);
    Must(tab->SendPFrameConstructor(frame, 1));
    Must(frame->SendPFrameConstructor(std::make_shared<FrameOfParent>(world), 2));
    Must(window->SendDo(kMakeTab));
    Must(window->SendDo(kNoteToAll));
    Must(window->SendDo(kDeleteOldest));  // crosses what is sent to it
    for (const auto& one : window->tabs()) Must(one->SendNote(round));
    if (round % 3 == 0) Must(tab->Send__delete__("here"));
    if (round % 7 == 0) settle();
  }
  settle();
  for (const auto& tab : window->tabs()) {
    for (const std::uint32_t note : static_cast<TabOfParent&>(*tab).notes) {
      CHECK(note == tab->actor_id());
    }
  }
  window->Close();
  io.restart();
  io.run();
  CHECK_FALSE(window->close_error());
  CHECK(world.destroyed.size() > 3 * kRounds);
  for (const auto& [who, times] : world.destroyed) CHECK(times == 1);
  CHECK(world.ended.back() == Ended{"window 0", kNormalShutdown});
}

}  // namespace
}  // namespace baton::testing
