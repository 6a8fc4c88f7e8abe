// A channel that ends while many hand-overs are on their way: each piece is taken or comes back, in
// good order and with its content, and none is both (docs/faults.md, L4).
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <semaphore>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <baton/shmem_store.h>
#include "tests/process/ownership_actor.h"
#include "tests/process/transport.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

constexpr int kBacklog = 100;
constexpr std::uint64_t kPartingSize = 5000;

// Where a peer's thread stands still. A process is stopped.
std::binary_semaphore stands_still{0};
std::binary_semaphore may_go_on{0};

// One side, with a store for what comes back to it. Pieces are numbered, and hold their numbers.
struct Trader {
  Trader(Link link, Side side, int peer_process = 0)
      : actor(std::make_shared<OwnershipActor>(side)),
        store(Must(ShmemStore::Create(io.get_executor()))) {
    if (peer_process != 0) {
      link.parts.peer_death =
          platform::Handle(static_cast<int>(::syscall(SYS_pidfd_open, peer_process, 0)));
    }
    link.options.store = store;
    link.options.close_deadline = kPatience;
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  Result<void> Say(const std::string& text) {
    const std::vector<Shmem> none;
    return actor->SendMessage(ownership::kGive, {&text, &none});
  }

  void Give(int number, Shmem memory) {
    std::ranges::fill(memory.bytes(), static_cast<std::byte>(number));
    std::vector<Shmem> pieces;
    pieces.push_back(std::move(memory));
    const std::string text = std::to_string(number);
    Must(actor->SendMessage(ownership::kGive, {&text, &pieces}));
  }

  // The numbers from `first`, up to `end`.
  void GiveAll(int first, int end) {
    for (int number = first; number < end; ++number) {
      if (spare.empty()) spare.push_back(Must(actor->AllocShmem(kPartingSize)));
      Give(number, std::move(spare.back()));
      spare.pop_back();
    }
  }

  // What has come back now is all of the numbers from `first`, up to `end`. Of any thread.
  bool HasBack(int first, int end, std::set<HowReturned> hows) const {
    std::set<int> numbers;
    const auto returned = store->TakeReturned();
    for (const ReturnedShmem& one : returned) {
      const int number = std::to_integer<int>(one.memory.bytes()[0]);
      numbers.insert(number);
      const bool is_good = one.memory.size() == kPartingSize && HoldsOnly(one.memory, number) &&
                           number >= first && number < end && hows.contains(one.how);
      if (!is_good) return false;
    }
    const auto count = static_cast<std::size_t>(end - first);
    return numbers.size() == count && returned.size() == count && store->census().orphans == 0;
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
    REQUIRE(done());
  }

  boost::asio::io_context io;
  const std::shared_ptr<OwnershipActor> actor;
  const std::shared_ptr<ShmemStore> store;
  std::vector<Shmem> spare;  // that it gives before it makes new ones
};

// --- The peer ------------------------------------------------------------------------------------

// Does what the words of a message say; pieces it keeps, which come in their order.
class Obeys {
 public:
  explicit Obeys(Trader& side) : side_(side) {}

  void Hear(Received message) {
    if (message.text == "stand still") {
      stands_still.release();
      may_go_on.acquire();
    } else if (message.text == "expect nothing") {
      expected_ = 0;
    } else if (message.text == "expect half") {
      expected_ = kBacklog / 2;
    } else if (message.text == "give back") {
      for (Shmem& piece : kept_) side_.Give(0, std::exchange(piece, {}));
      kept_.clear();
    } else if (message.text == "give all and close") {
      side_.GiveAll(0, kBacklog);
      side_.actor->Close();
      gives_all_ = true;
    } else if (message.text == "close") {
      side_.actor->Close();
    } else {
      Keep(std::move(message));
    }
  }

  void CheckEnd() {
    PEER_EXPECT(side_.actor->destroyed == 1);
    PEER_EXPECT(!side_.actor->close_error());
    PEER_EXPECT(static_cast<int>(kept_.size()) == expected_);
    PEER_EXPECT(side_.HasBack(0, gives_all_ ? kBacklog : 0, {HowReturned::kUndelivered}));
  }

 private:
  void Keep(Received message) {
    const int number = std::stoi(message.text);
    PEER_EXPECT(number == static_cast<int>(kept_.size()));
    PEER_EXPECT(message.pieces.size() == 1);
    PEER_EXPECT(HoldsOnly(message.pieces.at(0), number));
    kept_.push_back(std::move(message.pieces[0]));
  }

  Trader& side_;
  std::vector<Shmem> kept_;
  int expected_ = kBacklog;
  bool gives_all_ = false;
};

PEER(Obedient) {
  Trader side(Accept(std::move(channel_end)), Side::kChild);
  Obeys obeys(side);
  side.actor->on_received = [&] {
    for (; !side.actor->received.empty(); side.actor->received.pop_front()) {
      obeys.Hear(std::move(side.actor->received.front()));
    }
  };
  side.io.run();
  obeys.CheckEnd();
}

// --- The test's side -----------------------------------------------------------------------------

struct PartingScene {
  explicit PartingScene(Transport transport)
      : kind(transport.peer),
        peer(START_PEER(kind, Obedient)),
        side(Offer(peer, transport), Side::kParent, kind == PeerKind::kProcess ? peer.pid() : 0) {
    if (GENERATE(false, true)) WarmUp();
  }

  // Both sides know the pieces, so that no handles travel any more: all goes through the ring.
  void WarmUp() {
    side.GiveAll(0, kBacklog);
    Must(side.Say("give back"));
    auto& received = side.actor->received;
    side.RunUntil([&] { return received.size() == kBacklog; });
    for (Received& one : received) side.spare.push_back(std::move(one.pieces.at(0)));
    received.clear();
  }

  // From here on the peer does not read, until it is let go on.
  void Stop() {
    if (kind == PeerKind::kThread) {
      Must(side.Say("stand still"));
      do {
        side.io.restart();
        side.io.poll();
      } while (!stands_still.try_acquire_for(std::chrono::milliseconds(1)));
      return;
    }
    REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
    siginfo_t info = {};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(peer.pid()), &info, WSTOPPED | WNOWAIT) == 0);
  }
  void LetGoOn() {
    if (kind == PeerKind::kThread) return may_go_on.release();
    REQUIRE(::kill(peer.pid(), SIGCONT) == 0);
  }

  void RunUntilClosed() {
    side.RunUntil([&] { return side.actor->destroyed == 1; });
  }
  void CheckGoodEnd() {
    CHECK_FALSE(side.actor->close_error());
    CHECK(side.actor->received.empty());
    peer.Join();
  }

  const PeerKind kind;
  Peer peer;
  Trader side;
};

TEST_CASE("parting: all that waits when its sender closes is taken, in its order") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  PartingScene scene(transport);
  scene.Stop();
  scene.side.GiveAll(0, kBacklog);
  scene.side.actor->Close();
  scene.LetGoOn();
  scene.RunUntilClosed();
  CHECK(scene.side.HasBack(0, 0, {}));
  scene.CheckGoodEnd();
}

TEST_CASE(
    "parting: all that waits when the peer closes comes back, and what it had taken does not") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  PartingScene scene(transport);
  scene.Stop();
  Must(scene.side.Say("expect half"));
  scene.side.GiveAll(0, kBacklog / 2);
  Must(scene.side.Say("close"));
  scene.side.GiveAll(kBacklog / 2, kBacklog);
  scene.LetGoOn();
  scene.RunUntilClosed();
  CHECK(scene.side.HasBack(kBacklog / 2, kBacklog, {HowReturned::kUndelivered}));
  scene.CheckGoodEnd();
}

TEST_CASE("parting: both close at once, and each gets back all that the other did not read") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  PartingScene scene(transport);
  scene.Stop();
  Must(scene.side.Say("expect nothing"));
  Must(scene.side.Say("give all and close"));
  scene.side.GiveAll(0, kBacklog);
  scene.side.actor->Close();
  scene.LetGoOn();
  scene.RunUntilClosed();
  CHECK(scene.side.HasBack(0, kBacklog, {HowReturned::kUndelivered}));
  scene.CheckGoodEnd();
}

TEST_CASE("parting: all that waits when the peer is killed comes back") {
  const Transport transport = {PeerKind::kProcess,
                               GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep)};
  const bool closes = GENERATE(false, true);
  const Guarded guarded;
  PartingScene scene(transport);
  scene.Stop();
  scene.side.GiveAll(0, kBacklog);
  if (closes) scene.side.actor->Close();
  scene.peer.Kill();
  scene.RunUntilClosed();
  // Who had closed before has got what it asked for.
  if (!closes) CHECK(scene.side.actor->close_error() == Errc::kPeerDied);
  scene.side.RunUntil([&] { return scene.side.store->census().returned == kBacklog; });
  CHECK(scene.side.HasBack(0, kBacklog, {HowReturned::kUndelivered, HowReturned::kMaybeSeen}));
}

}  // namespace
}  // namespace baton::testing
