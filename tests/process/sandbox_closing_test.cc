// What a peer has sent, and may not close at once, in a process that is locked up.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include "tests/process/locked_up.h"
#include "tests/support/patience.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

platform::Handle SomeFile() {
  return platform::Handle(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool AllAreClosed() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (platform::ForeignHandlesOpen() > 0 && std::chrono::steady_clock::now() < until) {
    ::sched_yield();
  }
  return platform::ForeignHandlesOpen() == 0;
}

PEER(ClosesByAThread) {
  platform::Handle file = SomeFile();
  LockUp(RequiredSyscalls(SandboxRole::kChild, {.starts_threads = true}));
  platform::CloseForeign(std::move(file));
  PEER_EXPECT(AllAreClosed());
}

PEER(ClosesByAThreadOfBefore) {
  platform::Handle file = SomeFile();
  PEER_EXPECT(platform::StartClosing());
  LockUp(RequiredSyscalls(SandboxRole::kChild));
  platform::CloseForeign(std::move(file));
  PEER_EXPECT(AllAreClosed());
}

PEER(KeepsItOpen) {
  platform::Handle file = SomeFile();
  LockUp(RequiredSyscalls(SandboxRole::kChild));
  PEER_EXPECT(!platform::StartClosing());
  platform::CloseForeign(std::move(file));
  PEER_EXPECT(platform::ForeignHandlesOpen() == 1);
}

// However many come, it goes on to receive.
PEER(ClosesWhatIsHarmless) {
  std::vector<platform::Handle> handles;
  std::array<int, 2> pipe = {};
  PEER_EXPECT(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  for (const int end : pipe) handles.emplace_back(end);
  auto sockets = Must(platform::CreateSocketPair());
  handles.push_back(std::move(sockets.first));
  handles.push_back(std::move(sockets.second));
  LockUp(RequiredSyscalls(SandboxRole::kChild));
  for (platform::Handle& handle : handles) platform::CloseForeign(std::move(handle));
  PEER_EXPECT(platform::ForeignHandlesOpen() == 0);
}

// What lies unread is received first: the file stays open, and nothing else.
PEER(EmptiesItsEnd) {
  const platform::Handle file = SomeFile();
  auto [ours, theirs] = Must(platform::CreateSocketPair());
  platform::Handle end = platform::TakeEnd(std::move(ours));
  const std::byte byte{1};
  for (const platform::NativeHandle sent : {file.get(), theirs.get()}) {
    const platform::NativeHandle natives[] = {sent};
    PEER_EXPECT(Must(platform::SendSome(theirs, std::span(&byte, 1), natives)) == 1);
  }
  const platform::NativeHandle native = end.get();
  LockUp(RequiredSyscalls(SandboxRole::kChild));
  end.Reset();
  PEER_EXPECT(::fcntl(native, F_GETFL) == -1);
  PEER_EXPECT(platform::ForeignHandlesOpen() == 1);
}

TEST_CASE("sandbox: what may not close at once is closed by a thread, or stays open without one") {
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  for (const auto* program : {&ClosesByAThread, &ClosesByAThreadOfBefore, &KeepsItOpen,
                              &ClosesWhatIsHarmless, &EmptiesItsEnd}) {
    CAPTURE(program->name());
    Peer peer(PeerKind::kProcess, *program);
    peer.Join();
  }
}

}  // namespace
}  // namespace baton::testing
