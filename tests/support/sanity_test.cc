// The kit catches what it promises to catch. What must fail does so in hidden tests, which are run
// in a process of their own.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <future>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/golden.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/peer_sandbox.h"
#include "tests/support/run_program.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using Catch::Contains;
using platform::Handle;
using platform::Mapping;
using platform::SharedMemory;

// Waits until the far side has closed its end or sent a byte.
void AwaitPeer(const Handle& end) {
  const int flags = fcntl(end.get(), F_GETFL);
  REQUIRE(fcntl(end.get(), F_SETFL, flags & ~O_NONBLOCK) == 0);
  std::array<std::byte, 1> byte;
  REQUIRE(read(end.get(), byte.data(), byte.size()) >= 0);
}

// Without any white space: Catch breaks its lines where it likes.
std::string Squeezed(std::string text) {
  std::erase_if(text, [](unsigned char character) { return std::isspace(character) != 0; });
  return text;
}

// --- leaks ---

TEST_CASE("Kit: a leaked handle is described by what it is") {
  const OpenResources before = OpenResources::Now();
  const Handle leaked(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::string leaks = DescribeLeaks(before, OpenResources::Now());
  CHECK_THAT(leaks, Contains("1 more file descriptors"));
  CHECK_THAT(leaks, Contains("/dev/null"));
}

TEST_CASE(
    "Kit: memory of Baton's that is held is seen by memtrack, in this process and in a child") {
  const OpenResources before = OpenResources::Now();
  const auto memory = SharedMemory::Create("baton:leaked for a test", 4096);
  REQUIRE(memory.has_value());
  const std::string leaks = DescribeLeaks(before, OpenResources::Now());
  CHECK_THAT(leaks, Contains("1 more holds of Baton's memory, as memtrack sees it,"));
  CHECK_THAT(leaks, Contains("baton:leaked for a test"));
  CHECK_THAT(leaks, Contains("process " + std::to_string(getpid())));

  int up[2];
  REQUIRE(pipe2(up, O_CLOEXEC) == 0);
  const OpenResources without_child = OpenResources::Now();
  const pid_t child = fork();
  if (child == 0) {
    const bool is_said = write(up[1], "x", 1) == 1;
    if (is_said) pause();
    _exit(1);
  }
  char byte = 0;
  REQUIRE(read(up[0], &byte, 1) == 1);
  const std::string of_child = DescribeLeaks(without_child, OpenResources::Now());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(up[0]);
  close(up[1]);
  CHECK_THAT(of_child, Contains("1 more holds of Baton's memory"));
  CHECK_THAT(of_child, Contains("process " + std::to_string(child)));
}

TEST_CASE("Kit: a leaked mapping is described by its name, and its descriptor is none") {
  const OpenResources before = OpenResources::Now();
  const Mapping leaked = Must(Must(SharedMemory::Create("forgotten", 4096)).Map());
  const std::string leaks = DescribeLeaks(before, OpenResources::Now());
  CHECK_THAT(leaks, Contains("1 more mappings of shared memory"));
  CHECK_THAT(leaks, Contains("forgotten"));
  CHECK_THAT(leaks, !Contains("file descriptors"));
}

TEST_CASE("Kit: a child that was not reaped is a leak") {
  const OpenResources before = OpenResources::Now();
  platform::Process child = Must(platform::Process::Launch({"/bin/cat", {}, {}}, {}));
  CHECK_THAT(DescribeLeaks(before, OpenResources::Now()), Contains("1 more child processes"));
}

TEST_CASE("Kit: a name that stays in /dev/shm is a leak") {
  const OpenResources before = OpenResources::Now();
  const std::string name = "/baton-sanity-" + std::to_string(getpid());
  const Handle memory(shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600));
  REQUIRE(memory);
  CHECK_THAT(DescribeLeaks(before, OpenResources::Now()), Contains("1 more names in /dev/shm"));
  REQUIRE(shm_unlink(name.c_str()) == 0);
}

TEST_CASE("Kit: a name in /dev/shm that another program has made is no leak") {
  int up[2];
  REQUIRE(pipe2(up, O_CLOEXEC) == 0);
  const OpenResources before = OpenResources::Now();
  const std::string name = "/baton-stranger-" + std::to_string(getpid());
  // A grandchild whose parent has ended is nobody's here.
  const pid_t child = fork();
  if (child == 0) {
    if (fork() != 0) _exit(0);
    const int memory = shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600);
    const pid_t self = getpid();
    const bool is_said = memory >= 0 && write(up[1], &self, sizeof(self)) == sizeof(self);
    if (is_said) pause();
    _exit(1);
  }
  REQUIRE(waitpid(child, nullptr, 0) == child);
  pid_t stranger = 0;
  REQUIRE(read(up[0], &stranger, sizeof(stranger)) == sizeof(stranger));
  const OpenResources now = OpenResources::Now();
  CHECK(kill(stranger, SIGKILL) == 0);
  CHECK(shm_unlink(name.c_str()) == 0);
  close(up[0]);
  close(up[1]);
  CHECK(now.shared_names == before.shared_names);
}

TEST_CASE("Kit: what was given back, or replaced by its like, is no leak") {
  auto before_pair = Must(platform::CreateSocketPair());
  const OpenResources before = OpenResources::Now();
  { const Mapping mapping = Must(Must(SharedMemory::Create("returned", 4096)).Map()); }
  before_pair = Must(platform::CreateSocketPair());
  CHECK(DescribeLeaks(before, OpenResources::Now()).empty());
}

TEST_CASE("leaks a handle", "[.]") {
  const LeakCheck leak_check;
  CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
}

TEST_CASE("Kit: a leak turns its test red") {
  const ProgramEnd end = RunTestOfThisProgram("leaks a handle");
  CHECK(end.exit_code != 0);
  CHECK_THAT(Squeezed(end.output), Contains(Squeezed("leaked: 1 more file descriptors")));
}

// --- hangs ---

TEST_CASE("hangs for ever", "[.]") {
  const Watchdog watchdog(std::chrono::milliseconds(50));
  RecordFailure("a_file.cc", 7, "what went wrong before");
  std::promise<void> never;
  never.get_future().wait();
}

TEST_CASE("Kit: the watchdog ends a test that hangs, and names it") {
  const ProgramEnd end = RunTestOfThisProgram("hangs for ever");
  CHECK(end.exit_code == kWatchdogExitCode);
  CHECK_THAT(end.errors, Contains("'hangs for ever' has not ended after 50 ms"));
  CHECK_THAT(end.errors, Contains("recorded: a_file.cc:7: what went wrong before"));
  CHECK_THAT(end.errors, Contains("watchdog: process "));
}

TEST_CASE("Kit: a program that hangs is ended") {
  const ProgramEnd end = RunProgram({"/bin/sleep", {"1000"}, {}, std::chrono::milliseconds(50)});
  CHECK(end.hung);
  CHECK(end.signal == SIGKILL);
}

// --- programs ---

TEST_CASE("Kit: a program's output, errors, environment and exit code arrive") {
  const ProgramEnd end = RunProgram(
      {"/bin/sh", {"-c", "echo \"$GREETING\"; echo oh >&2; exit 7"}, {"GREETING=hello"}});
  CHECK(end.output == "hello\n");
  CHECK(end.errors == "oh\n");
  CHECK(end.exit_code == 7);
  CHECK(end.signal == 0);
  CHECK_FALSE(end.hung);
}

TEST_CASE("Kit: a program's death by a signal arrives") {
  CHECK(RunProgram({"/bin/sh", {"-c", "kill -ABRT $$"}}).signal == SIGABRT);
}

// --- peers ---

PEER(Greeter) {
  const std::array<std::byte, 1> hello = {std::byte{42}};
  PEER_EXPECT(Must(platform::SendSome(channel_end, hello, {})) == 1);
}

TEST_CASE("Kit: a peer talks, in a thread and in a process") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Peer peer = START_PEER(kind, Greeter);
  const Handle end = peer.TakeEnd();

  int flags = fcntl(end.get(), F_GETFL);
  REQUIRE(fcntl(end.get(), F_SETFL, flags & ~O_NONBLOCK) == 0);
  std::array<std::byte, 1> greeting = {};
  REQUIRE(read(end.get(), greeting.data(), greeting.size()) == 1);
  CHECK(greeting[0] == std::byte{42});
}

PEER(Sleeper) {
  AwaitPeer(channel_end);
}

TEST_CASE("Kit: a peer that is killed is gone, and that is no failure") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Peer peer = START_PEER(PeerKind::kProcess, Sleeper);
  const Handle end = peer.TakeEnd();
  peer.Kill();
  AwaitPeer(end);
}

TEST_CASE("Kit: joining closes the end that nobody took") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const LeakCheck leak_check;
  Peer peer = START_PEER(kind, Sleeper);
  peer.Join();
}

PEER(Aborter) {
  std::abort();
}

TEST_CASE("Kit: a peer may be meant to die") {
  const LeakCheck leak_check;
  Peer peer = START_PEER(PeerKind::kProcess, Aborter);
  CHECK(peer.AwaitEnd().signal == SIGABRT);
}

PEER(Doubter) {
  PEER_EXPECT(channel_end.get() == -17);
}
PEER(Demander) {
  Must(Result<void>(Fail(Errc::kRejected)));
}
PEER(Checker) {
  CHECK(channel_end.get() == -17);
}

TEST_CASE("has a doubting thread", "[.]") {
  START_PEER(PeerKind::kThread, Doubter).Join();
}
TEST_CASE("has a doubting process", "[.]") {
  START_PEER(PeerKind::kProcess, Doubter).Join();
}
TEST_CASE("has a demanding thread", "[.]") {
  START_PEER(PeerKind::kThread, Demander).Join();
}
TEST_CASE("has a demanding process", "[.]") {
  START_PEER(PeerKind::kProcess, Demander).Join();
}
TEST_CASE("has a checking process", "[.]") {
  START_PEER(PeerKind::kProcess, Checker).Join();
}

TEST_CASE("Kit: a failed expectation of a peer turns its test red") {
  const auto [test, words] = GENERATE(table<std::string, std::string>({
      {"has a doubting thread", "PEER_EXPECT(channel_end.get() == -17)"},
      {"has a doubting process", "PEER_EXPECT(channel_end.get() == -17)"},
      {"has a demanding thread", "must succeed: "},
      {"has a demanding process", "must succeed: "},
      {"has a checking process", "channel_end.get() == -17"},
  }));
  const ProgramEnd end = RunTestOfThisProgram(test);
  CHECK(end.exit_code != 0);
  CHECK_THAT(Squeezed(end.output), Contains(Squeezed(words)));
}

TEST_CASE("has a dying peer", "[.]") {
  START_PEER(PeerKind::kProcess, Aborter).Join();
}

TEST_CASE("Kit: a peer that dies turns its test red") {
  const ProgramEnd end = RunTestOfThisProgram("has a dying peer");
  CHECK(end.exit_code != 0);
  CHECK_THAT(Squeezed(end.output), Contains(Squeezed("died of signal 6")));
}

// --- goldens ---

TEST_CASE("Kit: a difference shows the lines around it and no others") {
  const std::string expected = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";
  const std::string actual = "one\ntwo\nthree\nfour\nfive\nSIX\nseven\neight\nnine\n";
  CHECK(DescribeDifference(expected, actual) ==
        "@ line 3\n three\n four\n five\n-six\n+SIX\n seven\n eight\n nine\n");
  CHECK(DescribeDifference(expected, expected).empty());
  CHECK(DescribeDifference("", "new\n") == "@ line 1\n+new\n");
  CHECK(DescribeDifference("end", "end\n") == "@ line 1\n-end (no end of line)\n+end\n");
}

// --- the sandbox ---

PEER(LeavesSandbox) {
  const Handle outside(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

TEST_CASE("sandboxed: leaves", "[.]") {
  Peer peer = START_PEER(PeerKind::kProcess, LeavesSandbox);
}

TEST_CASE("Kit: a peer that leaves the sandbox fails the test, and the call is named") {
  if (IsSanitized()) SKIP_TEST("no sandbox for sanitizers");
  const ProgramEnd free = RunProgram({"/proc/self/exe", {"sandboxed: leaves"}});
  CHECK(free.exit_code == 0);
  const ProgramEnd locked_up =
      RunProgram({"/proc/self/exe", {"sandboxed: leaves"}, {std::string(kSandboxVariable) + "=1"}});
  CHECK(locked_up.exit_code != 0);
  CHECK_THAT(locked_up.errors, Contains(std::string(kViolationText) + "socket"));
}

}  // namespace
}  // namespace baton::testing
