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
  std::uint64_t rounds;
  std::size_t size;     // of a piece
  unsigned most_burst;  // pieces on the way at once
};

// Each of these four times.
constexpr Stress kSleepWakePings = {25'000 / BATON_TEST_SLOWNESS, 8, 1};
// Six of these do not fit into the smallest ring: the sender waits for room, too.
constexpr Stress kBursts = {2'000 / BATON_TEST_SLOWNESS, 16'000, 6};

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

// Only who does not spin or yield can be relied on to sleep: on a busy machine, a yield takes
// longer than the other side's answer.
bool HasSleptAndWoken(const ChannelOptions& options, const ChannelStatistics& statistics) {
  const bool has_slept = statistics.sleeps > 0 && statistics.doorbells_received > 0;
  return has_slept || options.max_spin.count() > 0;
}

void PlaySecond(platform::Handle channel_end, const Stress& stress) {
  Link link = Accept(std::move(channel_end));
  const ChannelOptions options = link.options;
  Player<LoadChild> child(std::move(link), stress, 2);
  child.is_second = true;
  child.io.run();
  PEER_EXPECT(child.round == stress.rounds);
  PEER_EXPECT(child.actor->destroyed == 1);
  PEER_EXPECT(HasSleptAndWoken(options, child.actor->statistics()));
}

// `sleeps`: this side, whatever the other does.
void PlayFirst(Peer& peer, Path path, bool sleeps, const Stress& stress) {
  Link link = Offer(peer, {PeerKind::kProcess, path});
  if (sleeps) link.options.max_spin = {};
  const ChannelOptions options = link.options;
  Player<LoadParent> parent(std::move(link), stress, 1);
  parent.SendBurst();
  parent.io.run();
  CHECK(parent.round == stress.rounds);
  CHECK(parent.actor->destroyed == 1);
  const ChannelStatistics statistics = parent.actor->statistics();
  CHECK(statistics.ring_frames_received == statistics.messages_received);
  CHECK(HasSleptAndWoken(options, statistics));
  if (stress.most_burst > 1) CHECK(statistics.most_queued_bytes > 0);  // it waited for room
}

PEER(SecondOfPings) {
  PlaySecond(std::move(channel_end), kSleepWakePings);
}

PEER(SecondOfBursts) {
  PlaySecond(std::move(channel_end), kBursts);
}

TEST_CASE("no wake-up is lost between two that pause at random") {
  const Path path = GENERATE(Path::kRing, Path::kRingAsleep);
  const bool sleeps = GENERATE(false, true);
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(PeerKind::kProcess, SecondOfPings);
  PlayFirst(peer, path, sleeps, kSleepWakePings);
}

TEST_CASE("no wake-up is lost between two that wait for room as well") {
  const Path path = GENERATE(Path::kSmallRing, Path::kSmallRingAsleep);
  const bool sleeps = GENERATE(false, true);
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(PeerKind::kProcess, SecondOfBursts);
  PlayFirst(peer, path, sleeps, kBursts);
}

}  // namespace
}  // namespace baton::testing
