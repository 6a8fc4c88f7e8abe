// Two processes hand memory over; memtrack says at each step whose it is, or between whom.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <baton/platform/peer_identity.h>
#include "tests/memtrack/registry/looking.h"
#include "tests/process/hoarder.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using memtrack::ClaimUse;
using memtrack::Doubt;
using memtrack::Model;
using memtrack::SegmentUse;
using memtrack_test::ClaimOf;
using memtrack_test::DisagreementsIn;
using memtrack_test::ModelOf;
using memtrack_test::OwnerOf;
using memtrack_test::PidOf;
using memtrack_test::UseOf;
using platform::RegistryState;

// As its name shows it.
std::string Text(const ShmemId& id) {
  std::array<char, 17> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(id.high));
  return digits.data();
}

PEER(Hoarder) {
  RunHoarder(std::move(channel_end), [](HoardingChild&, ChannelOptions&) {});
}

void Stop(int pid) {
  REQUIRE(::kill(pid, SIGSTOP) == 0);
  siginfo_t stopped = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &stopped, WSTOPPED | WNOWAIT) == 0);
}

RegistryState StateOf(const Model& model, const SegmentUse& use, int pid) {
  const ClaimUse* const claim = ClaimOf(model, use, pid);
  REQUIRE(claim != nullptr);
  CHECK(claim->doubt == Doubt::kNone);
  return claim->claim.state;
}

bool IsAway(RegistryState state) {
  return state == RegistryState::kInFlight || state == RegistryState::kAtPeer;
}

}  // namespace

TEST_CASE("registry: memtrack knows whose memory is, and between whom, at each hand-over") {
  const std::uint64_t size = GENERATE(4096, 1 << 20, 8 << 20);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Hoarder);
  const int here = ::getpid();
  const int there = peer.pid();
  const std::vector<int> both = {here, there};
  HoardersParent parent(peer, {PeerKind::kProcess, Path::kRing});

  auto made = Must(parent.actor->AllocShmem(size));
  const std::string name = Text(made.id());
  {
    const Model model = ModelOf(both);
    const SegmentUse* const use = UseOf(model, name);
    REQUIRE(use != nullptr);
    CHECK(OwnerOf(model, *use) == here);
    CHECK(StateOf(model, *use, here) == RegistryState::kOwned);
    CHECK(ClaimOf(model, *use, there) == nullptr);
    CHECK(ClaimOf(model, *use, here)->claim.bytes == size);
  }

  auto [error, memory] = parent.Fill(std::move(made));
  REQUIRE_FALSE(error);
  {
    const Model model = ModelOf(both);
    const SegmentUse* const use = UseOf(model, name);
    REQUIRE(use != nullptr);
    CHECK(OwnerOf(model, *use) == here);
    CHECK(StateOf(model, *use, here) == RegistryState::kOwned);
    CHECK(IsAway(StateOf(model, *use, there)));
    CHECK(ClaimOf(model, *use, here)->claim.transfers == 2);
    REQUIRE(use->holders.size() == 2);
    for (const memtrack::Holder& holder : use->holders) {
      CHECK(holder.mappings == 1);  // home and vault
      CHECK(holder.mapped_bytes == size);
    }
    CHECK_FALSE(use->passage.has_value());
  }

  Stop(there);
  Must(parent.actor->SendKeep(std::move(memory)));
  {
    std::vector<Model> models;
    for (int pass = 0; pass < 2; ++pass) models.push_back(ModelOf(both));
    const Model& model = models.back();
    const SegmentUse* const use = UseOf(model, name);
    REQUIRE(use != nullptr);
    CHECK(OwnerOf(model, *use) == 0);
    CHECK(StateOf(model, *use, here) == RegistryState::kInFlight);
    REQUIRE(use->passage.has_value());
    CHECK(PidOf(model, use->passage->from) == here);
    REQUIRE(use->passage->to.has_value());
    CHECK(PidOf(model, *use->passage->to) == there);
    CHECK(use->passage->lasting.has_value());
    CHECK(DisagreementsIn(models).empty());
  }
  REQUIRE(::kill(there, SIGCONT) == 0);

  parent.Count(0);
  {
    std::vector<Model> models;
    for (int pass = 0; pass < 2; ++pass) models.push_back(ModelOf(both));
    const Model& model = models.back();
    const SegmentUse* const use = UseOf(model, name);
    REQUIRE(use != nullptr);
    CHECK(OwnerOf(model, *use) == there);
    CHECK(IsAway(StateOf(model, *use, here)));
    CHECK(StateOf(model, *use, there) == RegistryState::kOwned);
    CHECK_FALSE(use->passage.has_value());
    CHECK(DisagreementsIn(models).empty());
    CHECK(model.unknown_claims.empty());
  }

  parent.LetGo();
  {
    const Model model = ModelOf({there});
    CHECK(UseOf(model, name) == nullptr);
    CHECK(model.unknown_claims.empty());
    REQUIRE(memtrack::FindRegistry(model, model.processes.front().process.key) != nullptr);
  }
  parent.CloseAndRun();
}

// As ChildSupervisor does: whose process it is, is known before it speaks.
TEST_CASE("registry: a peer that was launched is known by its number") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Hoarder);
  platform::Handle socket = peer.TakeEnd();
  Must(platform::IdentifySenders(socket, true));
  const auto said = static_cast<std::byte>(Path::kRing);
  Must(platform::SendSome(socket, std::span(&said, 1), {}));
  internal::EndpointParts parts;
  parts.socket = std::move(socket);
  parts.identity = platform::PeerIdentity{peer.pid(), ::getuid(), ::getgid()};
  parts.origin = internal::PeerOrigin::kLaunched;
  HoardersParent parent(Link{std::move(parts), OptionsFor(Path::kRing)});
  Shmem memory = Must(parent.actor->AllocShmem(4096));
  const std::string name = Text(memory.id());
  Must(parent.actor->SendKeep(std::move(memory)));
  parent.Count(0);
  const Model model = ModelOf({::getpid(), peer.pid()});
  const SegmentUse* const use = UseOf(model, name);
  REQUIRE(use != nullptr);
  REQUIRE(ClaimOf(model, *use, ::getpid()) != nullptr);
  CHECK(ClaimOf(model, *use, ::getpid())->claim.peer_pid == peer.pid());
  CHECK(OwnerOf(model, *use) == peer.pid());
  parent.CloseAndRun();
}

TEST_CASE("registry: an incremental scan does not miss a hand-over") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Hoarder);
  HoardersParent parent(peer, {PeerKind::kProcess, Path::kRing});
  auto [error, memory] = parent.Fill(Must(parent.actor->AllocShmem(4096)));
  REQUIRE_FALSE(error);
  const std::string name = Text(memory.id());
  memtrack::ScanOptions options;
  options.processes = {::getpid(), peer.pid()};
  options.includes_self = options.is_incremental = true;
  auto scanner = Must(memtrack::Scanner::Create(options));
  const auto owner = [&] {
    const Model model = memtrack::BuildModel(Must(scanner.Scan()), memtrack::Share::kOwner);
    const SegmentUse* const use = UseOf(model, name);
    REQUIRE(use != nullptr);
    REQUIRE(ClaimOf(model, *use, peer.pid()) != nullptr);
    const auto state = ClaimOf(model, *use, peer.pid())->claim.state;
    CHECK((state == RegistryState::kOwned) == (OwnerOf(model, *use) == peer.pid()));
    return OwnerOf(model, *use);
  };
  CHECK(owner() == ::getpid());
  CHECK(owner() == ::getpid());
  Must(parent.actor->SendKeep(std::move(memory)));
  parent.Count(0);
  CHECK(owner() == peer.pid());
  parent.CloseAndRun();
}

TEST_CASE("registry: what lies in a pool is said to, and shared memory is nobody's") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Hoarder);
  ParentSide parent(Offer(peer, {PeerKind::kProcess, Path::kRing}));
  std::string name;
  {
    const Shmem pooled = Must(parent.actor->AllocShmem(4096));
    name = Text(pooled.id());
  }
  const UnsafeShmem shared = Must(parent.actor->AllocUnsafeShmem(4096));
  const Model model = ModelOf({::getpid()});
  const SegmentUse* const use = UseOf(model, name);
  REQUIRE(use != nullptr);
  CHECK(StateOf(model, *use, ::getpid()) == RegistryState::kPooled);
  CHECK(OwnerOf(model, *use) == ::getpid());
  const SegmentUse* const both = UseOf(model, Text(shared.id()));
  REQUIRE(both != nullptr);
  CHECK(StateOf(model, *both, ::getpid()) == RegistryState::kShared);
  parent.CloseAndRun();
}

}  // namespace baton::testing
