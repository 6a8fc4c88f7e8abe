#include "samples/decoder/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "sandbox_sanitizers.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

namespace samples {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::Peer;
using baton::testing::PeerKind;
using baton::testing::PeerProgram;
using baton::testing::Watchdog;

// Each of these locks itself up and then tries one thing. Whoever gets beyond it says so by 77.
constexpr int kSurvived = 77;

PEER(Opens) {
  Must(EnterSandbox());
  (void)::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  std::_Exit(kSurvived);
}

PEER(MakesSocket) {
  Must(EnterSandbox());
  (void)::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::_Exit(kSurvived);
}

PEER(Executes) {
  Must(EnterSandbox());
  ::execl("/bin/true", "true", nullptr);
  std::_Exit(kSurvived);
}

// Not deadly: Baton asks for a thread, and has to hear that there is none.
PEER(Forks) {
  Must(EnterSandbox());
  std::_Exit(::fork() == -1 && errno == EPERM ? kSurvived : 1);
}

PEER(SignalsOthers) {
  Must(EnterSandbox());
  ::kill(::getppid(), 0);
  std::_Exit(kSurvived);
}

PEER(MakesCode) {
  Must(EnterSandbox());
  (void)::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::_Exit(kSurvived);
}

PEER(TurnsMemoryIntoCode) {
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Must(EnterSandbox());
  ::mprotect(memory, 4096, PROT_READ | PROT_EXEC);
  std::_Exit(kSurvived);
}

PEER(Works) {
  Must(EnterSandbox());
  void* memory =
      ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool can_map = memory != MAP_FAILED && ::mprotect(memory, 4096, PROT_NONE) == 0;
  const bool can_wait = ::write(channel_end.get(), "x", 1) == 1;
  std::_Exit(can_map && can_wait ? kSurvived : 1);
}

PEER(IsMute) {
  Must(EnterSandbox());
  constexpr int kLast = kBuiltWithSanitizer ? STDOUT_FILENO : STDERR_FILENO;
  for (int stream = STDIN_FILENO; stream <= kLast; ++stream) {
    struct stat status = {};
    const bool is_nowhere = ::fstat(stream, &status) == 0 && S_ISCHR(status.st_mode) &&
                            status.st_rdev == ::makedev(1, 3);  // /dev/null
    if (!is_nowhere) std::_Exit(1);
  }
  std::_Exit(kSurvived);
}

TEST_CASE("who leaves the sandbox dies of it") {
  if (kBuiltWithSanitizer) SKIP_TEST("sanitizers need some of what the sandbox forbids");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const PeerProgram* const program =
      GENERATE(&Opens, &MakesSocket, &Executes, &SignalsOthers, &MakesCode, &TurnsMemoryIntoCode);
  CAPTURE(program->name());
  const auto end = Peer(PeerKind::kProcess, *program).AwaitEnd();
  REQUIRE(end.signal == SIGSYS);
}

TEST_CASE("inside the sandbox nobody forks, and it hears that") {
  if (kBuiltWithSanitizer) SKIP_TEST("sanitizers need threads, and clones");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const auto end = Peer(PeerKind::kProcess, Forks).AwaitEnd();
  REQUIRE(end.signal == 0);
  REQUIRE(end.code == kSurvived);
}

TEST_CASE("inside the sandbox there is memory and the channel") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const auto end = Peer(PeerKind::kProcess, Works).AwaitEnd();
  REQUIRE(end.signal == 0);
  REQUIRE(end.code == kSurvived);
}

TEST_CASE("inside the sandbox there is neither input nor terminal") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const auto end = Peer(PeerKind::kProcess, IsMute).AwaitEnd();
  REQUIRE(end.signal == 0);
  REQUIRE(end.code == kSurvived);
}

}  // namespace
}  // namespace samples
