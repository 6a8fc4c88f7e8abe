// Memory outlives its channel and its holder: what comes back, as what, and when.
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/shmem_store.h>
#include "tests/process/echo_actors.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kSize = 30'000;
constexpr std::uint64_t kSurvivalLabel = 7;

// Keeps all that it is given.
class SurvivalHoarder : public EchoChild {
 protected:
  Result<void> RecvKeep(Shmem memory) override {
    hoard_.push_back(std::move(memory));
    return {};
  }

 private:
  std::vector<Shmem> hoard_;
};

template <class Child>
void Run(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<Child>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
}

PEER(SurvivalKeeper) {
  Run<SurvivalHoarder>(std::move(channel_end));
}

// Frees what it had before.
PEER(KeeperOfOne) {
  Run<EchoChild>(std::move(channel_end));
}

// Makes memory that survives it, writes its number into it, and says where it is.
class Maker : public EchoChild {
 protected:
  Result<void> RecvCount(std::uint64_t number) override {
    made_.push_back(Must(AllocShmem(kSize, ShmemUse::kSurvivable)));
    for (std::byte& byte : made_.back().bytes()) byte = static_cast<std::byte>(number);
    return SendCounted(made_.back().id().high);
  }

 private:
  std::vector<Shmem> made_;
};

PEER(MakerOfKept) {
  Run<Maker>(std::move(channel_end));
}

// This side, with a store.
struct Survivor {
  Survivor(Peer& peer, Transport transport, std::chrono::milliseconds deadline = kPatience)
      : close_deadline(deadline), store(Must(ShmemStore::Create(io.get_executor()))) {
    Bind(peer, transport);
  }

  void Bind(Peer& peer, Transport transport) {
    actor = std::make_shared<EchoParent>();
    Link link = Offer(peer, transport);
    if (transport.peer == PeerKind::kProcess) {
      link.parts.peer_death =
          platform::Handle(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid(), 0)));
    }
    link.options.trust_label = kSurvivalLabel;
    link.options.store = store;
    link.options.close_deadline = close_deadline;
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
    REQUIRE(done());
  }

  void RunUntilClosed() {
    RunUntil([&] { return actor->destroyed == 1; });
  }

  // All that was sent before has been dispatched over there.
  void Settle() {
    bool answered = false;
    actor->SendPing(1, [&](error_code error, std::uint64_t) { answered = !error; });
    RunUntil([&] { return answered; });
  }

  ShmemId Keep(int value) {
    Shmem memory = Must(actor->AllocShmem(kSize));
    std::ranges::fill(memory.bytes(), static_cast<std::byte>(value));
    const ShmemId id = memory.id();
    Must(actor->SendKeep(std::move(memory)));
    return id;
  }

  std::vector<ReturnedShmem> Await(std::size_t count) {
    std::vector<ReturnedShmem> all;
    while (all.size() < count) {
      std::optional<std::vector<ReturnedShmem>> heard;
      store->Returned([&](error_code error, std::vector<ReturnedShmem> returned) {
        CHECK_FALSE(error);
        heard = std::move(returned);
      });
      RunUntil([&] { return heard.has_value(); });
      REQUIRE(heard.has_value());
      std::ranges::move(*heard, std::back_inserter(all));
    }
    return all;
  }

  const std::chrono::milliseconds close_deadline;
  io_context io;
  std::shared_ptr<ShmemStore> store;
  std::shared_ptr<EchoParent> actor;
};

// Returns once it runs no more.
void Stop(const Peer& peer) {
  REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
  siginfo_t info = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(peer.pid()), &info, WSTOPPED | WNOWAIT) == 0);
}

Transport EachProcess() {
  return {PeerKind::kProcess, GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep)};
}

TEST_CASE("survival: what the peer has not taken when it parts comes back as it was sent") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(peer, transport);
  side.Keep(1);                                   // this one is taken
  std::optional<HoldBack> together(*side.actor);  // or it is gone before the rest is sent
  Must(side.actor->SendCloseYourself());
  const ShmemId second = side.Keep(2);
  const ShmemId third = side.Keep(3);
  together.reset();
  side.RunUntilClosed();
  CHECK(side.actor->reason == ActorDestroyReason::kNormalShutdown);
  const auto returned = side.store->TakeReturned();
  REQUIRE(returned.size() == 2);
  for (const ReturnedShmem& one : returned) {
    CHECK(one.how == HowReturned::kUndelivered);
    const int value = one.memory.id() == second ? 2 : 3;
    CHECK((value == 2 || one.memory.id() == third));
    CHECK(HoldsOnly(one.memory, value));
  }
  CHECK(side.store->census().orphans == 0);
}

TEST_CASE("survival: who closes learns what was taken before it ends") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  const bool frees = GENERATE(false, true);
  Peer peer =
      frees ? START_PEER(transport.peer, KeeperOfOne) : START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(peer, transport);
  for (int value = 0; value < 300; ++value) side.Keep(value);
  side.actor->Close();
  side.RunUntilClosed();
  CHECK_FALSE(side.actor->close_error());
  CHECK(side.store->TakeReturned().empty());
  CHECK(side.store->census().orphans == 0);
}

TEST_CASE("survival: all that a killed process had comes back") {
  const Transport transport = EachProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(peer, transport);
  const ShmemId first = side.Keep(1);
  side.Keep(2);
  side.Settle();
  Stop(peer);
  const ShmemId unread = side.Keep(3);
  peer.Kill();
  const auto returned = side.Await(3);
  for (const ReturnedShmem& one : returned) {
    const bool was_read = one.memory.id() != unread;
    CHECK(one.how == (was_read ? HowReturned::kRecovered : HowReturned::kMaybeSeen));
    const int value = !was_read ? 3 : one.memory.id() == first ? 1 : 2;
    CHECK(HoldsOnly(one.memory, value));
    CHECK(one.trust_label == kSurvivalLabel);
  }
  side.RunUntilClosed();
}

TEST_CASE("survival: while a peer that was cut off lives, nothing comes back") {
  const Transport transport = EachProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(peer, transport, std::chrono::milliseconds(20));
  side.Settle();
  Stop(peer);
  side.Keep(9);
  side.actor->Close();
  side.RunUntilClosed();
  CHECK(side.store->TakeReturned().empty());
  CHECK(side.store->census().orphans == 1);
  peer.Kill();
  const auto returned = side.Await(1);
  CHECK(returned[0].how == HowReturned::kMaybeSeen);
  CHECK(HoldsOnly(returned[0].memory, 9));
}

TEST_CASE("survival: the successor has the same memory under the same id") {
  const Transport transport = EachProcess();
  const Guarded guarded;
  Peer first = START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(first, transport);
  const ShmemId id = side.Keep(5);
  side.Settle();
  first.Kill();
  side.RunUntilClosed();
  auto returned = side.Await(1);
  REQUIRE(returned.size() == 1);

  Peer second = START_PEER(transport.peer, SurvivalKeeper);
  side.Bind(second, transport);
  Must(side.actor->Attach(returned[0].memory));
  CHECK(returned[0].memory.id() == id);
  std::optional<Shmem> filled;
  side.actor->SendFill(std::move(returned[0].memory), 6, [&](error_code error, Shmem back) {
    CHECK_FALSE(error);
    filled = std::move(back);
  });
  side.RunUntil([&] { return filled.has_value(); });
  CHECK(filled->id() == id);
  CHECK(HoldsOnly(*filled, 6));
  side.actor->Close();
  side.RunUntilClosed();
}

TEST_CASE("survival: ReattachAll brings everything to the successor at once") {
  const Transport transport = EachProcess();
  const Guarded guarded;
  Peer first = START_PEER(transport.peer, SurvivalKeeper);
  Survivor side(first, transport);
  for (int value = 0; value < 5; ++value) side.Keep(value);
  side.Settle();
  first.Kill();
  side.RunUntil([&] { return side.store->census().returned == 5; });

  Peer second = START_PEER(transport.peer, SurvivalKeeper);
  side.Bind(second, transport);
  auto attached = Must(side.store->ReattachAll(*side.actor));
  CHECK(attached.size() == 5);
  CHECK(side.store->census().returned == 0);
  for (ReturnedShmem& one : attached) Must(side.actor->SendKeep(std::move(one.memory)));
  side.Settle();
  side.actor->Close();
  side.RunUntilClosed();
}

TEST_CASE("survival: memory that its maker never handed over is read after its death") {
  const Transport transport = EachProcess();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, MakerOfKept);
  Survivor side(peer, transport);
  Must(side.actor->SendCount(4));
  side.RunUntil([&] { return !side.actor->counted.empty(); });
  peer.Kill();
  const auto returned = side.Await(1);
  REQUIRE(returned.size() == 1);
  CHECK(returned[0].how == HowReturned::kRecovered);
  CHECK(returned[0].transfers == 0);
  CHECK(returned[0].memory.id().high == side.actor->counted[0]);
  CHECK(HoldsOnly(returned[0].memory, 4));
  side.RunUntilClosed();
}

}  // namespace
}  // namespace baton::testing
