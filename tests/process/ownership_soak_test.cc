// Memory goes there and back between real processes, one of which is killed at any moment: the
// survivor has what it owned, with its content, and lets go of all else (docs/faults.md, L2).
//
//   BATON_OWNERSHIP_SEED=17 process_tests "ownership soak: *"      that run again, and no other
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/process/ownership_actor.h"
#include "tests/process/ownership_seeds.h"
#include "tests/process/ownership_session.h"
#include "tests/process/transport.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

constexpr std::uint64_t kSoakSizes[] = {1, 5000, 300'000};
constexpr std::size_t kMostSoakPieces = 40;  // of one side
constexpr int kLeastExchanged = 10;          // messages each way, before either ends

// What either side does with what it has. All of a piece is one number.
class Trader {
 public:
  Trader(std::shared_ptr<OwnershipActor> actor, unsigned seed)
      : actor_(std::move(actor)), random_(seed) {}

  OwnershipActor& actor() { return *actor_; }
  std::map<ShmemId, std::pair<Shmem, std::uint8_t>> owned;

  int sent() const { return sent_; }
  int taken() const { return taken_; }

  // False: something that arrived was not what it had to be.
  bool TakeReceived() {
    bool is_good = true;
    for (; !actor_->received.empty(); actor_->received.pop_front(), ++taken_) {
      Received& message = actor_->received.front();
      if (message.slice) message.pieces.push_back(message.slice->Release());
      for (Shmem& memory : message.pieces) {
        const auto stamp = std::to_integer<std::uint8_t>(memory.bytes()[0]);
        is_good = is_good && HoldsOnly(memory.bytes(), stamp);
        Keep(std::move(memory), stamp);
      }
    }
    return is_good;
  }

  // A few steps; ends early when nothing can be sent.
  void Trade() {
    for (int step = 0; step < 4 && actor_->CanSend(); ++step) {
      switch (Below(5)) {
        case 0: Allocate(); break;
        case 1: Free(); break;
        case 2: Change(); break;
        default: Send(); break;
      }
    }
    while (owned.size() > kMostSoakPieces) Free();
  }

  std::size_t Below(std::size_t end) { return random_() % end; }

 private:
  void Keep(Shmem memory, std::uint8_t stamp) {
    const ShmemId id = memory.id();
    owned.insert_or_assign(id, std::pair{std::move(memory), stamp});
  }

  auto Any() { return std::next(owned.begin(), static_cast<long>(Below(owned.size()))); }

  void Allocate() {
    auto memory = actor_->AllocShmem(kSoakSizes[Below(std::size(kSoakSizes))]);
    if (!memory) return;
    const auto stamp = static_cast<std::uint8_t>(Below(256));
    Stamp(memory->bytes(), stamp);
    Keep(*std::move(memory), stamp);
  }

  void Free() {
    if (!owned.empty()) owned.erase(Any());
  }

  void Change() {
    if (owned.empty()) return;
    auto& [memory, stamp] = Any()->second;
    stamp = static_cast<std::uint8_t>(Below(256));
    Stamp(memory.bytes(), stamp);
  }

  void Send() {
    if (owned.empty()) return;
    const auto chosen = Any();
    const std::string text = "yours";
    Shmem& memory = chosen->second.first;
    Result<void> sent;
    if (Below(2) == 0) {
      std::vector<Shmem> pieces;
      pieces.push_back(std::move(memory));
      sent = actor_->SendMessage(ownership::kGive, {&text, &pieces});
      memory = std::move(pieces[0]);
    } else {
      const std::uint64_t offset = Below(memory.size() + 1);
      ShmemSlice slice = Must(ShmemSlice::Of(std::move(memory), offset, memory.size() - offset));
      sent = actor_->SendMessage(ownership::kGiveSlice, {&text, &slice});
      memory = slice.Release();
    }
    if (!sent) return;
    owned.erase(chosen);
    ++sent_;
  }

  const std::shared_ptr<OwnershipActor> actor_;
  std::mt19937 random_;
  int sent_ = 0;
  int taken_ = 0;
};

PEER(TradingChild) {
  boost::asio::io_context io;
  Trader trader(std::make_shared<OwnershipActor>(Side::kChild), 1);
  trader.actor().on_received = [&] {
    PEER_EXPECT(trader.TakeReceived());
    trader.Trade();
  };
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), trader.actor().shared_from_this(),
                              io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(trader.actor().destroyed == 1);
  PEER_EXPECT(trader.actor().close_error() != Cause::kPeerFault);
}

// Of one channel, until its end. What is left in `trader` has outlived it.
void TradeUntilTheEnd(Trader& trader, boost::asio::io_context& io, Peer& peer, bool kills) {
  const auto is_trading = [&] {
    return trader.sent() >= kLeastExchanged && trader.taken() >= kLeastExchanged;
  };
  const std::size_t rounds = 20 + trader.Below(60);
  for (std::size_t round = 0; round < rounds || !is_trading(); ++round) {
    REQUIRE(trader.actor().CanSend());
    trader.Trade();
    io.restart();
    // A peer that has not begun is waited for; what it says may be all that happens.
    round < rounds ? io.poll() : io.run_one_for(std::chrono::milliseconds(1));
    REQUIRE(trader.TakeReceived());
  }
  if (kills) {
    peer.Kill();
  } else {
    trader.actor().Close();
  }
  CHECK(is_trading());
  io.restart();
  io.run();
  REQUIRE(trader.TakeReceived());  // what the peer had sent before
  REQUIRE(trader.actor().destroyed == 1);
  REQUIRE(trader.actor().handler_errors.empty());
  REQUIRE(trader.actor().close_error() != Cause::kPeerFault);
  if (!kills) peer.Join();
}

TEST_CASE("ownership soak: whenever the peer ends, this side has what it owned and nothing else") {
  SKIP_WITHOUT_SEALS("it has no name of ours to find it by");
  const Transport transport = GENERATE(values<Transport>({{PeerKind::kThread, Path::kSocket},
                                                          {PeerKind::kThread, Path::kInProcess},
                                                          {PeerKind::kProcess, Path::kSocket},
                                                          {PeerKind::kProcess, Path::kRing}}));
  const unsigned seed = GENERATE(from_range(OwnershipSeeds(8)));
  const bool kills = transport.peer == PeerKind::kProcess;
  INFO("BATON_OWNERSHIP_SEED=" << seed);
  const Guarded guarded;
  boost::asio::io_context io;
  Peer peer = START_PEER(transport.peer, TradingChild);
  Trader trader(std::make_shared<OwnershipActor>(Side::kParent), seed);
  Link link = Offer(peer, transport);
  Must(internal::BindEndpoint(std::move(link.parts), trader.actor().shared_from_this(),
                              io.get_executor(), link.options));
  TradeUntilTheEnd(trader, io, peer, kills);

  std::set<std::uint64_t> expected;
  for (const auto& [id, piece] : trader.owned) {
    expected.insert(id.high);
    CHECK(piece.first.state() == ShmemState::kOwned);
    CHECK(HoldsOnly(piece.first.bytes(), piece.second));
  }
  CHECK(MappedIds() == expected);
}

}  // namespace
}  // namespace baton::testing
