// A stray pointer into memory that was handed over dies, in release builds too, on both sides.
#include <unistd.h>

#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <optional>

#include "tests/process/echo_actors.h"
#include "tests/process/ownership_actor.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// Sanitizers and test frameworks catch SIGSEGV and exit; here it is to end the process.
void DieOfFaults() {
  std::signal(SIGSEGV, SIG_DFL);
}

PEER(Keeper) {
  RunEchoChild(std::move(channel_end));
}

// Launched to die: hands memory over and keeps a raw pointer.
PEER(ParentThatWrites) {
  DieOfFaults();
  ParentSide parent(std::move(channel_end));
  Shmem memory = Must(parent.actor->AllocShmem(100'000));
  std::byte* const stray = memory.bytes().data() + 50'000;
  *stray = std::byte{1};
  Must(parent.actor->SendKeep(std::move(memory)));
  *stray = std::byte{2};  // dies here: the message has not even been read yet
  PEER_EXPECT(!"alive after a write");
}

PEER(ParentThatReads) {
  DieOfFaults();
  ParentSide parent(std::move(channel_end));
  Shmem memory = Must(parent.actor->AllocShmem(100'000));
  const volatile std::byte* const stray = memory.bytes().data();
  Must(parent.actor->SendKeep(std::move(memory)));
  const std::byte read = *stray;
  PEER_EXPECT(read == std::byte{77} && !"alive after a read");
}

// Large enough for its page tables to be moved aside.
PEER(ParentThatWritesFarBehind) {
  DieOfFaults();
  ParentSide parent(std::move(channel_end));
  Shmem memory = Must(parent.actor->AllocShmem(8 << 20));
  std::byte* const stray = memory.bytes().data() + memory.size() - 1;
  *stray = std::byte{1};
  Must(parent.actor->SendKeep(std::move(memory)));
  *stray = std::byte{2};
  PEER_EXPECT(!"alive after a write");
}

// Of a slice that was sent all of the memory is gone: its part, and what lies beside it.
void SendSliceAndTouch(platform::Handle channel_end, std::size_t touched) {
  DieOfFaults();
  io_context io;
  const auto parent = std::make_shared<OwnershipActor>(Side::kParent);
  Must(internal::BindEndpoint({std::move(channel_end)}, parent, io.get_executor(), {}));
  Shmem whole = Must(parent->AllocShmem(100'000));
  std::byte* const stray = whole.bytes().data() + touched;
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(whole), 60'000, 1000));
  *stray = std::byte{1};
  const std::string text = "a slice";
  Must(parent->SendMessage(ownership::kGiveSlice, {&text, &slice}));
  *stray = std::byte{2};
  PEER_EXPECT(!"alive after a write");
}

PEER(ParentThatWritesIntoASlice) {
  SendSliceAndTouch(std::move(channel_end), 60'500);
}

PEER(ParentThatWritesBesideASlice) {
  SendSliceAndTouch(std::move(channel_end), 5);
}

// Answers with memory and touches it afterwards.
class ChildThatTouches final : public EchoChild {
  void RecvFill(Shmem memory, std::uint8_t, FillReplier reply) override {
    std::byte* const stray = memory.bytes().data();
    *stray = std::byte{1};
    reply(std::move(memory));
    *stray = std::byte{2};
    PEER_EXPECT(!"alive after a write");
  }
};

PEER(ChildThatWrites) {
  DieOfFaults();
  io_context io;
  Must(EndpointOf<::testing::PEchoChild>(std::move(channel_end))
           .Bind(std::make_shared<ChildThatTouches>(), io.get_executor()));
  io.run();
}

TEST_CASE("use after send: the parent's stray pointer dies") {
  const Guarded guarded;
  const PeerProgram* const parent =
      GENERATE(&ParentThatWrites, &ParentThatReads, &ParentThatWritesFarBehind,
               &ParentThatWritesIntoASlice, &ParentThatWritesBesideASlice);
  Peer peer(PeerKind::kProcess, *parent);
  const platform::Handle other_end = peer.TakeEnd();
  CHECK(peer.AwaitEnd().signal == SIGSEGV);
}

TEST_CASE("use after send: the child's stray pointer dies, and its parent has the memory") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ChildThatWrites);
  ParentSide parent(peer.TakeEnd());
  std::optional<Shmem> back;
  parent.actor->SendFill(Must(parent.actor->AllocShmem(100)), 1,
                         [&](error_code error, Shmem filled) {
                           if (!error) back = std::move(filled);
                         });
  parent.io.run();  // the child dies, the channel ends
  CHECK(peer.AwaitEnd().signal == SIGSEGV);
  REQUIRE(back.has_value());
  CHECK(back->bytes()[0] == std::byte{1});  // not the 2 that came too late
}

TEST_CASE("use after send: the kernel will not write for us either") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kThread, Keeper);
  ParentSide parent(peer, {PeerKind::kThread, Path::kRing});
  Shmem memory = Must(parent.actor->AllocShmem(100));
  std::byte* const stray = memory.bytes().data();
  Must(parent.actor->SendKeep(std::move(memory)));
  int ends[2] = {-1, -1};
  REQUIRE(pipe(ends) == 0);
  const platform::Handle from(ends[0]);
  const platform::Handle to(ends[1]);
  REQUIRE(write(to.get(), "x", 1) == 1);
  CHECK(read(from.get(), stray, 1) == -1);
  CHECK(errno == EFAULT);
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
