// Baton in a child that is locked up: the list of RequiredSyscalls is enough, and it matters.
#include <sched.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <latch>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/process/locked_up.h"
#include "tests/process/meet_host.h"
#include "tests/process/meeting.h"
#include "tests/support/sanitizer.h"
#include "tests/support/sealed_memory.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

// For a child that would die if it so much as tried to open a file.
Calls WithoutFiles() {
  return Without(RequiredSyscalls(SandboxRole::kChild), "openat");
}

// Counts answers that came; shared, because questions may outlive the function that asked.
using Count = std::shared_ptr<int>;

void AskForEcho(ParentSide& parent, std::size_t size, const Count& answers) {
  parent.actor->SendEcho(std::string(size, 'x'),
                         [size, answers](auto error, const std::string& back) {
                           CHECK_FALSE(error);
                           CHECK(back.size() == size);
                           ++*answers;
                         });
}

// A bit of everything but endpoints.
void Converse(ParentSide& parent) {
  const auto answers = std::make_shared<int>(0);
  AskForEcho(parent, 5, answers);
  AskForEcho(parent, 10'000, answers);
  parent.actor->SendFill(Must(parent.actor->AllocShmem(1 << 20)), 7,
                         [answers](auto error, const Shmem& filled) {
                           CHECK_FALSE(error);
                           ++*answers;
                           if (!error) CHECK(filled.bytes()[1000] == std::byte{7});
                         });
  const auto both = std::make_shared<UnsafeShmem>(Must(parent.actor->AllocUnsafeShmem(1000)));
  parent.actor->SendTouch(*both, [both, answers](auto error, auto) {
    CHECK_FALSE(error);
    CHECK(both->bytes()[999] == std::byte{1});
    ++*answers;
  });
  CHECK(parent.actor->SendKeep(Must(parent.actor->AllocShmem(5000))).has_value());
  parent.actor->SendGiveBack([answers](auto error, const std::optional<Shmem>& back) {
    CHECK_FALSE(error);
    CHECK(back.has_value());
    ++*answers;
  });
  parent.RunUntil([&] { return *answers == 5 || parent.actor->destroyed > 0; });
  CHECK(*answers == 5);
}

// Over 65 KiB: by memory that is frozen, there and back.
void ConverseAtLength(ParentSide& parent) {
  const auto answers = std::make_shared<int>(0);
  AskForEcho(parent, 300'000, answers);
  parent.RunUntil([&] { return *answers == 1 || parent.actor->destroyed > 0; });
  CHECK(*answers == 1);
}

// --- A child, without files ----------------------------------------------------------------------

// Told where its new root is, it goes there, locks itself up, and says so.
PEER(LockedUp) {
  const std::string root = Hear(channel_end);
  PEER_EXPECT(::chdir(root.c_str()) == 0);
  if (root != "/") PEER_EXPECT(::chroot(".") == 0);
  LockUp(WithoutFiles());
  SayReady(channel_end);
  RunPlainChild(std::move(channel_end));
}

TEST_CASE("sandbox: a child that can open no file says and hears all there is") {
  SKIP_UNLESS_ANONYMOUS();
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, LockedUp);
  platform::Handle end = peer.TakeEnd();
  Tell(end, "/");
  AwaitReady(end);
  ParentSide parent(std::move(end));
  Converse(parent);
  ConverseAtLength(parent);
  parent.CloseAndRun();
}

TEST_CASE("sandbox: a child in an empty folder, without /proc and /sys, does as well") {
  SKIP_UNLESS_ANONYMOUS();
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  if (::geteuid() != 0) SKIP_TEST("only root may change its root");
  const Guarded guarded;
  const ScratchFolder empty;
  Peer peer = START_PEER(PeerKind::kProcess, LockedUp);
  platform::Handle end = peer.TakeEnd();
  Tell(end, empty.path().string());
  AwaitReady(end);
  ParentSide parent(std::move(end));
  Converse(parent);
  ConverseAtLength(parent);
  parent.CloseAndRun();
}

// As README and docs/sandbox.md do it: the loop and the channel are there before.
PEER(LocksUpLast) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Must(EndpointOf<::testing::PEchoChild>(std::move(channel_end)).Bind(child, io.get_executor()));
  LockUp(Without(RequiredSyscalls(SandboxRole::kChild, {.makes_loops = false}), "openat"));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

TEST_CASE("sandbox: a child that is bound already needs no loops") {
  SKIP_UNLESS_ANONYMOUS();
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, LocksUpLast);
  ParentSide parent(peer.TakeEnd());
  Converse(parent);
  ConverseAtLength(parent);
  parent.CloseAndRun();
}

PEER(LockedGuest) {
  LockUp(WithoutFiles());
  RunMeetGuest(std::move(channel_end));
}

TEST_CASE(
    "sandbox: children that can open no file get endpoints, make some and talk through them") {
  SKIP_UNLESS_ANONYMOUS();
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Transport transport = {PeerKind::kProcess, GENERATE(Path::kSocket, Path::kRing)};
  const Guarded guarded;
  io_context io;
  Invited ann(io, LockedGuest, transport);
  Invited bob(io, LockedGuest, transport);
  Introduce(ann, bob);
  Must(ann->SendTell("Bob", "hello?"));
  bob.Await("Ann says hello?");
  ann.Await("Bob says yes");
  Must(ann->SendLend("Bob", 0x5a));
  bob.Await("Ann hands 8192 x 90");
  bool is_offered = false;
  ann->SendOffer("Cleo", [&](auto error, const auto& reply) { is_offered = !error && reply.talk; });
  RunUntil(io, [&] { return is_offered || ann->is_over; });
  CHECK(is_offered);
  ann.Dismiss();
  bob.Await("Ann left");
  bob.Dismiss();
}

PEER(FailsItself) {
  LockUp(WithoutFiles());
  std::abort();
}

TEST_CASE("sandbox: a child that finds a bug of its own aborts, as anywhere") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, FailsItself);
  CHECK(peer.AwaitEnd().signal == SIGABRT);
}

// --- A child that makes no memory, and one that makes threads ------------------------------------

PEER(MakesNoMemory) {
  LockUp(RequiredSyscalls(SandboxRole::kChild, {.makes_memory = false}));
  RunPlainChild(std::move(channel_end));
}

TEST_CASE("sandbox: a child that may make no memory uses that of its parent") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MakesNoMemory);
  ParentSide parent(peer.TakeEnd());
  Converse(parent);
  // The question arrives; its answer would need memory of the child's.
  std::optional<std::error_code> refused;
  parent.actor->SendEcho(std::string(300'000, 'z'),
                         [&](auto error, const std::string&) { refused = error; });
  parent.RunUntil([&] { return refused || parent.actor->destroyed > 0; });
  const bool by_file = !OwnMemory().is_anonymous;
  CHECK(refused == std::make_error_code(by_file ? std::errc::permission_denied
                                                : std::errc::operation_not_permitted));
  Converse(parent);
  parent.CloseAndRun();
}

constexpr int kSandboxThreads =
    12;  // more than glibc gives memory of their own without a second thought

// All at once, and as much as makes malloc give some of it back.
void AllocateAndFree(std::latch& all_have) {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (int i = 0; i < 200; ++i) blocks.push_back(std::make_unique<char[]>(10'000));
  all_have.arrive_and_wait();
}

PEER(StartsThreads) {
  LockUp(RequiredSyscalls(SandboxRole::kChild, {.starts_threads = true}));
  std::latch all_have(kSandboxThreads);
  std::vector<std::thread> others;
  for (int i = 0; i < kSandboxThreads; ++i) others.emplace_back([&] { AllocateAndFree(all_have); });
  RunPlainChild(std::move(channel_end));
  for (std::thread& other : others) other.join();
}

TEST_CASE("sandbox: a child that starts threads may, if it says so before") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, StartsThreads);
  ParentSide parent(peer.TakeEnd());
  Converse(parent);
  parent.CloseAndRun();
}

// --- The list can fail ---------------------------------------------------------------------------

constexpr std::array<std::string_view, 6> kMissed = {"sendmsg", "recvmsg",      "epoll_ctl",
                                                     "mmap",    "memfd_create", "mprotect"};

// Locks itself up without the call whose number it is told.
PEER(LacksOne) {
  const std::string which = Hear(channel_end);
  const std::string_view missed = kMissed.at(static_cast<std::size_t>(which.at(0)));
  SayReady(channel_end);
  LockUp(Without(RequiredSyscalls(SandboxRole::kChild), missed));
  RunPlainChild(std::move(channel_end));
}

TEST_CASE("sandbox: with one call less in the list a child is killed") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const std::size_t missed = GENERATE(range(std::size_t{0}, kMissed.size()));
  CAPTURE(kMissed[missed]);
  if (kMissed[missed] == "memfd_create") SKIP_UNLESS_SEALED();
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, LacksOne);
  platform::Handle end = peer.TakeEnd();
  Tell(end, std::string(1, static_cast<char>(missed)));
  AwaitReady(end);
  ParentSide parent(std::move(end));
  if (auto memory = parent.actor->AllocShmem(4096); memory.has_value()) {  // it may be dead by now
    parent.actor->SendFill(std::move(*memory), 1, [](auto, const Shmem&) {});
  }
  parent.RunUntil([&] { return parent.actor->destroyed > 0; });
  CHECK(peer.AwaitEnd().signal == SIGSYS);
}

}  // namespace
}  // namespace baton::testing
