// Spinning, yielding, falling asleep and waking in any mixture: no wake-up is lost.
#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

struct Stress {
  Path path;
  std::uint64_t rounds;
  std::size_t size;     // of a piece
  unsigned most_burst;  // pieces on the way at once
};

constexpr Stress kPings = {Path::kRing, 100'000 / BATON_TEST_SLOWNESS, 8, 1};
// Six of these do not fit into the smallest ring: the sender waits for room, too.
constexpr Stress kBursts = {Path::kSmallRing, 20'000 / BATON_TEST_SLOWNESS, 16'000, 6};

// Keeps the thread from its loop for up to three times max_spin, and mostly not at all.
void Pause(std::mt19937& random) {
  if (random() % 4 != 0) return;
  const auto most = static_cast<unsigned>(3 * ChannelOptions().max_spin.count());
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % most);
  while (std::chrono::steady_clock::now() < until) {
  }
}

// Sends a burst; when the other side's burst is complete, pauses and sends the next.
template <class A>
struct Player {
  Player(Link link, const Stress& stress, std::uint32_t seed) : stress(stress), random(seed) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
    actor->on_piece = [this] { OnPiece(); };
  }

  // Both sides draw the same numbers, so each knows how much the other sends.
  unsigned BurstOf(std::uint64_t round) const {
    return std::mt19937(static_cast<std::uint32_t>(round))() % stress.most_burst + 1;
  }

  void SendBurst() {
    for (unsigned left = BurstOf(round); left > 0; --left) {
      Must(actor->SendPiece(sent, ContentOf(sent, stress.size)));
      ++sent;
    }
  }

  void OnPiece() {
    if (++received_of_round < BurstOf(round)) return;
    received_of_round = 0;
    Pause(random);
    if (is_second) SendBurst();
    if (++round == stress.rounds) {
      if (!is_second) actor->Close();
    } else if (!is_second) {
      SendBurst();
    }
  }

  const Stress stress;
  bool is_second = false;
  std::mt19937 random;
  std::uint64_t round = 0;
  std::uint64_t sent = 0;
  unsigned received_of_round = 0;
  boost::asio::io_context io;
  std::shared_ptr<A> actor = std::make_shared<A>();
};

bool HasSleptAndWoken(const ChannelStatistics& statistics) {
  return statistics.sleeps > 0 && statistics.doorbells_sent > 0 &&
         statistics.doorbells_received > 0 && statistics.ring_frames_received > 0;
}

void PlaySecond(platform::Handle channel_end, const Stress& stress) {
  Player<LoadChild> child(Accept(std::move(channel_end)), stress, 2);
  child.is_second = true;
  child.io.run();
  PEER_EXPECT(child.round == stress.rounds);
  PEER_EXPECT(child.actor->destroyed == 1);
  PEER_EXPECT(HasSleptAndWoken(child.actor->statistics()));
}

void PlayFirst(Peer& peer, const Stress& stress) {
  Player<LoadParent> parent(Offer(peer, {PeerKind::kProcess, stress.path}), stress, 1);
  parent.SendBurst();
  parent.io.run();
  CHECK(parent.round == stress.rounds);
  CHECK(parent.actor->destroyed == 1);
  CHECK(HasSleptAndWoken(parent.actor->statistics()));
}

PEER(SecondOfPings) {
  PlaySecond(std::move(channel_end), kPings);
}

PEER(SecondOfBursts) {
  PlaySecond(std::move(channel_end), kBursts);
}

TEST_CASE("no wake-up is lost between two that pause at random") {
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(PeerKind::kProcess, SecondOfPings);
  PlayFirst(peer, kPings);
}

TEST_CASE("no wake-up is lost between two that wait for room as well") {
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(PeerKind::kProcess, SecondOfBursts);
  PlayFirst(peer, kBursts);
}

}  // namespace
}  // namespace baton::testing
