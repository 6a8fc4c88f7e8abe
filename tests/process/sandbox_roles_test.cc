// Locked up, a process connects, listens and launches by the list of its role.
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include <baton/platform/launcher.h>

#include "tests/process/locked_up.h"
#include "tests/process/meeting.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

PEER(LockedClient) {
  LockUp(RequiredSyscalls(SandboxRole::kClient));
  RunGuest(channel_end);
}

TEST_CASE("sandbox: a client connects when it is locked up already") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  Peer peer = START_PEER(PeerKind::kProcess, LockedClient);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address));
  host.Meet();
  host.RunUntil([&] { return host.met; });
  REQUIRE_FALSE(host.error);
  host.TalkAndClose();
}

PEER(LockedListener) {
  LockUp(RequiredSyscalls(SandboxRole::kListener));
  io_context io;
  auto listener = Must(Listener::Create(io.get_executor(), {.address = Hear(channel_end)}));
  const auto child = std::make_shared<EchoChild>();
  listener.Accept<::testing::PEchoChild>([&](auto error, auto accepted) {
    PEER_EXPECT(!error);
    Must(std::move(accepted.endpoint).Bind(child, io.get_executor()));
  });
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

TEST_CASE("sandbox: a listener makes its name when it is locked up already") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const bool is_abstract = GENERATE(false, true);
  const Guarded guarded;
  const ScratchFolder folder;
  Peer peer = START_PEER(PeerKind::kProcess, LockedListener);
  const platform::Handle end = peer.TakeEnd();
  ConnectOptions options;
  options.address = is_abstract ? FreshAbstractName() : SocketIn(folder);
  options.wait_for_listener = true;
  Tell(end, options.address);
  auto endpoint = Must(Connect<::testing::PEchoParent>(options));
  const auto parent = std::make_shared<EchoParent>();
  io_context io;
  Must(std::move(endpoint).Bind(parent, io.get_executor()));
  bool answered = false;
  parent->SendPing(3, [&](auto error, std::uint64_t) { answered = !error; });
  while (!answered && parent->destroyed == 0 && io.run_one() > 0) {
  }
  CHECK(answered);
  parent->Close();
  io.restart();
  io.run();
}

// What the dynamic loader and the C library need before main; a program that is launched inherits
// the filter of its launcher.
Calls StartOfPrograms() {
  Calls calls;
  for (const char* name : {"access", "arch_prctl", "faccessat", "mmap", "mprotect", "newfstatat",
                           "openat", "pread64", "prlimit64", "set_tid_address"}) {
    calls.push_back(SystemCallNamed(name));
  }
  return calls;
}

bool EndsWell(platform::Process& program) {
  const auto status = Must(program.Wait(kPatience));
  return status.has_value() && status->code == 0 && status->signal == 0;
}

PEER(LockedLauncher) {
  Calls calls = RequiredSyscalls(SandboxRole::kLauncher);
  const Calls start = StartOfPrograms();
  calls.insert(calls.end(), start.begin(), start.end());
  LockUp(std::move(calls));
  const std::array inherited = {channel_end.get()};
  auto plain = Must(platform::Process::Launch({.program = "/bin/true"}, inherited));
  PEER_EXPECT(EndsWell(plain));
  auto launcher = Must(platform::Launcher::Start());
  auto bound = Must(launcher.Launch({.program = "/bin/true"}, inherited));
  PEER_EXPECT(EndsWell(bound));
  const auto killed = Must(launcher.Launch({.program = "/bin/cat"}, inherited));
}

TEST_CASE("sandbox: a launcher starts programs, supervised and not, when it is locked up") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, LockedLauncher);
  peer.Join();
}

}  // namespace
}  // namespace baton::testing
