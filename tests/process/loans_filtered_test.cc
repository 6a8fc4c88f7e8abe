// A program that the kernel does not let make any memory talks as any other, with what it borrows.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iterator>

#include <baton/async.h>

#include "tests/process/loan_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sealed_memory.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// From here on what makes memory fails with EPERM, in this thread and those that it starts.
void ForbidMemory() {
  const unsigned maker = OwnMemory().sealed ? SYS_memfd_create : SYS_openat;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, maker, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {static_cast<unsigned short>(std::size(program)), program};
  PEER_EXPECT(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  PEER_EXPECT(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

PEER(MayMakeNone) {
  ForbidMemory();
  Link link = Accept(std::move(channel_end));
  const bool has_ring = link.options.ring_bytes != 0;
  const ChannelOptions options = AsBorrower(link.options, MemorySource::kPeerWhenRefused);
  LoanSide<LoanChild> side(std::move(link), options);
  ConverseInBorrowedMemory(side);
  PEER_EXPECT((side.actor->statistics().ring_frames_sent > 0) == has_ring);
  Must(side.actor->SendNote(1));
  side.io.run();
  PEER_EXPECT(side.actor->destroyed == 1);
  PEER_EXPECT(side.actor->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("loans: a process that may make no memory borrows it, and its ring, and lacks nothing") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MayMakeNone);
  Link link = Offer(peer, {PeerKind::kProcess, path});
  const ChannelOptions options = AsLender(link.options);
  LoanSide<LoanParent> lender(std::move(link), options);
  lender.RunUntil([&] { return !lender.actor->notes.empty(); });
  // And the other way: it is asked for memory that it has to borrow for that.
  Shmem fetched;
  lender.actor->SendFetch(70'000, [&](error_code error, Shmem memory) {
    CHECK_FALSE(error);
    fetched = std::move(memory);
  });
  lender.RunUntil([&] { return fetched.state() == ShmemState::kOwned; });
  CHECK(fetched.size() == 70'000);
  lender.CloseAndRun();
}

PEER(MayMakeNoneAndAsksNobody) {
  ForbidMemory();
  Link link = Accept(std::move(channel_end));
  const ChannelOptions options = link.options;
  LoanSide<LoanChild> side(std::move(link), options);
  PEER_EXPECT(side.actor->AllocShmem(1).error() == std::errc::operation_not_permitted);
  PEER_EXPECT(side.actor->AllocUnsafeShmem(1).error() == std::errc::operation_not_permitted);
  side.CloseAndRun();
}

TEST_CASE("loans: a process that may make no memory, and asks nobody, is told so") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MayMakeNoneAndAsksNobody);
  Link link = Offer(peer, {PeerKind::kProcess, Path::kRing});
  const ChannelOptions options = AsLender(link.options);
  LoanSide<LoanParent> lender(std::move(link), options);
  lender.io.run();
  CHECK(lender.actor->reason == ActorDestroyReason::kNormalShutdown);
}

// Launched, by a program that has chosen nothing.
PEER(Launched) {
  LoanSide<LoanChild> side({internal::InheritedParts(std::move(channel_end)), {}}, AsBorrower({}));
  Must(side.actor->SendKeep(Must(side.actor->AllocShmem(4096))));
  side.io.run();
}

TEST_CASE("loans: a program lends by default to what it has launched, or supervises") {
  const bool is_supervised = GENERATE(false, true);
  const Guarded guarded;
  const LaunchOptions program = {"/proc/self/exe", {"--baton-peer", Launched.name()}};
  io_context io;
  const auto lender = std::make_shared<LoanParent>();
  const auto run = [&] {
    while (lender->kept.empty() && io.run_one() > 0) {
    }
    CHECK(lender->kept.size() == 1);
    lender->Close();
  };
  if (is_supervised) {
    SupervisorOptions options;
    options.launch = program;
    ChildSupervisor supervisor = Must(ChildSupervisor::Create(io.get_executor(), options));
    supervisor.Next<LoanParent::Generated>(
        [&](error_code error, ChildEvent<LoanParent::Generated> event) {
          REQUIRE_FALSE(error);
          Must(std::move(event.endpoint).Bind(lender, io.get_executor()));
        });
    run();
    io.run_one();
  } else {
    auto launched = Must(Launch<LoanParent::Generated>(program));
    Must(std::move(launched.endpoint).Bind(lender, io.get_executor()));
    run();
    io.run();
  }
}

PEER(DiesWhileItAsks) {
  Link link = Accept(std::move(channel_end));
  const ChannelOptions options = AsBorrower(link.options);
  LoanSide<LoanChild> side(std::move(link), options);
  const Shmem held = Must(side.actor->AllocShmem(1 << 20));
  const UnsafeShmem shared = Must(side.actor->AllocUnsafeShmem(1 << 20));
  for (int n = 0; n < 100; ++n) {
    side.actor->AllocShmemAsync(4096, [](error_code, const Shmem&) {});
    side.actor->AllocUnsafeShmemAsync(4096, [](error_code, const UnsafeShmem&) {});
  }
  (void)std::raise(SIGKILL);
}

TEST_CASE("loans: a borrower that dies while it asks leaves nothing behind") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, DiesWhileItAsks);
  Link link = Offer(peer, {PeerKind::kProcess, path});
  const ChannelOptions options = AsLender(link.options);
  LoanSide<LoanParent> lender(std::move(link), options);
  lender.io.run();
  CHECK(lender.actor->destroyed == 1);
  CHECK(lender.actor->close_error() == Errc::kPeerDied);
  CHECK(peer.AwaitEnd().signal == SIGKILL);
}

}  // namespace
}  // namespace baton::testing
