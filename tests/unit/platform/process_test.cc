#include <baton/platform/process.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <baton/platform/local_socket.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"
#include "tests/support/peer.h"

namespace baton::platform {
namespace {

using baton::testing::kPatience;
using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::PeerProgram;

using std::chrono::milliseconds;

Process LaunchShell(const std::string& script, std::vector<std::string> environment = {}) {
  return Must(Process::Launch({"/bin/sh", {"-c", script}, std::move(environment)}, {}));
}

ExitStatus End(Process& process) {
  return Must(process.Wait(kPatience)).value();
}

int ExitCodeOf(const std::string& script, std::vector<std::string> environment = {}) {
  Process process = LaunchShell(script, std::move(environment));
  const ExitStatus status = End(process);
  CHECK(status.signal == 0);
  return status.code;
}

// A child that runs until it is ended.
Process LaunchSleeper() {
  return LaunchShell("exec sleep 1000");
}

// Runs a PEER of this file with these handles, the first of which is its channel_end.
Process LaunchPeer(const PeerProgram& program, const std::vector<NativeHandle>& inherited) {
  return Must(Process::Launch({"/proc/self/exe", {"--baton-peer", program.name()}, {}}, inherited));
}

bool IsReadable(const Handle& handle, int patience) {
  pollfd readable = {.fd = handle.get(), .events = POLLIN, .revents = 0};
  return ::poll(&readable, 1, patience) == 1;
}

TEST_CASE("The end of a process comes with its code or its signal") {
  const LeakCheck leak_check;
  const int code = GENERATE(0, 1, 42, 255);
  CHECK(ExitCodeOf("exit " + std::to_string(code)) == code);

  Process process = LaunchShell("kill -s TERM $$");
  CHECK(End(process).signal == SIGTERM);
  CHECK(End(process).signal == SIGTERM);
}

TEST_CASE("A process that runs on is waited for as long as was said, and can be ended") {
  const LeakCheck leak_check;
  Process process = LaunchSleeper();
  CHECK(process);
  CHECK(process.pid() > 0);
  const auto deadline = GENERATE(milliseconds(0), milliseconds(-5), milliseconds(1));
  CHECK_FALSE(Must(process.Wait(deadline)).has_value());
  CHECK_FALSE(IsReadable(process.death(), 0));

  Must(process.Kill());
  CHECK(IsReadable(process.death(), static_cast<int>(kPatience.count())));
  CHECK(Must(process.Wait(milliseconds::max())).value().signal == SIGKILL);
  Must(process.Kill());
}

TEST_CASE("Nobody has to wait for a process: it is ended and leaves no zombie") {
  const LeakCheck leak_check;
  SECTION("while it runs") {
    const Process process = LaunchSleeper();
  }
  SECTION("after it was killed") {
    Process process = LaunchSleeper();
    Must(process.Kill());
  }
  SECTION("after it ended by itself") {
    const Process process = LaunchShell("exit 3");
    CHECK(IsReadable(process.death(), static_cast<int>(kPatience.count())));
  }
  SECTION("when another one takes its place") {
    Process process = LaunchSleeper();
    process = LaunchSleeper();
  }
}

TEST_CASE("It leaves no zombie either when someone made its death() non-blocking") {
  const LeakCheck leak_check;
  // Each time the process may have died before it is looked at, so once would prove little.
  for (int i = 0; i < 20; ++i) {
    const Process process = LaunchSleeper();
    const Handle watched = Must(process.death().Duplicate());
    REQUIRE(::fcntl(watched.get(), F_SETFL, O_RDWR | O_NONBLOCK) == 0);
  }
}

TEST_CASE("A moved process is the same process") {
  const LeakCheck leak_check;
  Process process = LaunchShell("exit 7");
  const int pid = process.pid();
  Process moved = std::move(process);
  CHECK_FALSE(process);
  CHECK(process.pid() == 0);
  CHECK(moved.pid() == pid);
  CHECK(End(moved).code == 7);
  const Process moved_after_the_end = std::move(moved);
  CHECK(moved_after_the_end.pid() == pid);
}

TEST_CASE("No process: nothing to end, nothing to wait for") {
  Process process;
  CHECK_FALSE(process);
  CHECK(process.Kill());
  CHECK(process.Wait(milliseconds(0)).error() == std::errc::bad_file_descriptor);
}

TEST_CASE("A program that cannot be started is an error and leaves nothing behind") {
  const LeakCheck leak_check;
  CHECK(Process::Launch({"/nowhere/at/all", {}, {}}, {}).error() ==
        std::errc::no_such_file_or_directory);
  CHECK(Process::Launch({"/dev/null", {}, {}}, {}).error() == std::errc::permission_denied);
  CHECK(Process::Launch({"sh", {"-c", "exit"}, {}}, {}).error() ==
        std::errc::no_such_file_or_directory);
  CHECK(Process::Launch({"/bin/true", {}, {}}, std::array{kNoHandle}).error() ==
        std::errc::bad_file_descriptor);
  const auto entry = GENERATE(as<std::string>(), "", "NAME", "=value");
  CHECK(Process::Launch({"/bin/true", {}, {entry}}, {}).error() == std::errc::invalid_argument);
}

TEST_CASE("Arguments arrive as they are, whatever is in them") {
  const LeakCheck leak_check;
  Process process = Must(Process::Launch(
      {"/bin/sh",
       {"-c", R"([ "$1" = "a  b" ] && [ "$2" = '' ] && [ $# = 2 ])", "sh", "a  b", ""},
       {}},
      {}));
  CHECK(End(process).code == 0);
}

TEST_CASE("The environment is ours, with additions and replacements") {
  const LeakCheck leak_check;
  REQUIRE(::setenv("BATON_TEST_OURS", "ours", 1) == 0);
  CHECK(ExitCodeOf(R"([ "$BATON_TEST_OURS" = ours ])") == 0);
  CHECK(ExitCodeOf(R"([ "$BATON_TEST_OURS" = theirs=x ] && [ "$NEW" = '' ] && [ "${NEW+set}" ])",
                   {"BATON_TEST_OURS=theirs=x", "NEW="}) == 0);
  ::unsetenv("BATON_TEST_OURS");
}

TEST_CASE("The note about inherited handles is there only for those who get some") {
  const LeakCheck leak_check;
  REQUIRE(::setenv("BATON_INHERITED", "5", 1) == 0);
  CHECK(ExitCodeOf(R"([ -z "${BATON_INHERITED+set}" ])", {"BATON_INHERITED=9"}) == 0);
  Process process = Must(Process::Launch({"/bin/sh", {"-c", R"([ "$BATON_INHERITED" = 1 ])"}, {}},
                                         std::array{NativeHandle{0}}));
  CHECK(End(process).code == 0);
  ::unsetenv("BATON_INHERITED");
}

// Every open handle above standard error and what it is, as /proc/self/fd shows it.
std::map<int, std::string> OpenAboveStandardError() {
  namespace fs = std::filesystem;
  std::map<int, std::string> open;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd")) {
    const int number = std::stoi(entry.path().filename());
    std::error_code closed;
    const fs::path target = fs::read_symlink(entry.path(), closed);
    if (number > STDERR_FILENO && target.string().find("/fd") == std::string::npos) {
      open[number] = target;
    }
  }
  return open;
}

PEER(ThreeHandles) {
  CHECK(channel_end.get() == 3);
  const auto open = OpenAboveStandardError();
  REQUIRE(open.size() == 3);
  CHECK_THAT(open.at(3), Catch::StartsWith("socket:"));
  CHECK(open.at(4) == "/dev/null");
  CHECK(open.at(5) == "/dev/zero");
  CHECK(::getenv("BATON_INHERITED") == nullptr);

  for (const int number : {3, 4, 5}) CHECK(::fcntl(number, F_GETFD) == FD_CLOEXEC);
  CHECK(TakeInherited(0).error() == Errc::kNoEndpoint);
  CHECK(Must(TakeInherited(2)).get() == 5);
  CHECK(Must(TakeInherited(1)).get() == 4);
  CHECK(TakeInherited(1).error() == Errc::kNoEndpoint);
  CHECK(TakeInherited(3).error() == Errc::kNoEndpoint);
  CHECK(TakeInherited(-1).error() == Errc::kNoEndpoint);
}

TEST_CASE("A child finds exactly the handles that were chosen, in order, whatever their numbers") {
  const LeakCheck leak_check;
  std::vector<Handle> handles;
  const auto open = [&](const char* path) {
    handles.emplace_back(::open(path, O_RDWR | O_CLOEXEC));
    REQUIRE(handles.back());
    return handles.back().get();
  };
  // Numbers right where the child's will be, and handles that forgot to be close-on-exec.
  const NativeHandle zero = open("/dev/zero");
  const NativeHandle null = open("/dev/null");
  const auto [socket, other] = Must(CreateSocketPair());
  for (int i = 0; i < 5; ++i) open("/dev/full");
  REQUIRE(::fcntl(other.get(), F_SETFD, 0) == 0);
  for (const Handle& handle : handles) REQUIRE(::fcntl(handle.get(), F_SETFD, 0) == 0);

  const std::vector<NativeHandle> chosen = {socket.get(), null, zero};
  Process process = LaunchPeer(ThreeHandles, chosen);
  CHECK(End(process).code == 0);
  for (const Handle& handle : handles) CHECK(::fcntl(handle.get(), F_GETFD) != -1);
}

PEER(TwiceTheSame) {
  const Handle second = Must(TakeInherited(1));
  struct stat one = {}, two = {};
  REQUIRE(::fstat(channel_end.get(), &one) == 0);
  REQUIRE(::fstat(second.get(), &two) == 0);
  CHECK(channel_end.get() != second.get());
  CHECK(one.st_ino == two.st_ino);
}

TEST_CASE("The same handle can be inherited twice") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  Process process = LaunchPeer(TwiceTheSame, {a.get(), a.get()});
  CHECK(End(process).code == 0);
}

PEER(OnlyOne) {
  CHECK(TakeInherited(1).error() == Errc::kNoEndpoint);
}

TEST_CASE("The parent learns of the child's end by the handle it gave away") {
  const LeakCheck leak_check;
  auto [ours, theirs] = Must(CreateSocketPair());
  Process process = LaunchPeer(OnlyOne, {theirs.get()});
  theirs.Reset();
  CHECK(IsReadable(ours, static_cast<int>(kPatience.count())));
  CHECK(End(process).code == 0);
}

TEST_CASE("A process that was not launched finds nothing to take") {
  CHECK(TakeInherited(0).error() == Errc::kNoEndpoint);
  CHECK(TakeInherited(-1).error() == Errc::kNoEndpoint);
}

PEER(SignalsAreAsNew) {
  sigset_t blocked;
  REQUIRE(::sigprocmask(SIG_SETMASK, nullptr, &blocked) == 0);
  for (const int signal : {SIGTERM, SIGCHLD, SIGPIPE, SIGUSR1}) {
    CHECK(::sigismember(&blocked, signal) == 0);
  }
  struct sigaction action = {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_DFL);
}

TEST_CASE("A child starts with no blocked signal and the default for SIGPIPE") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  sigset_t all, before;
  ::sigfillset(&all);
  const auto pipe_before = ::signal(SIGPIPE, SIG_IGN);
  REQUIRE(::pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
  Process process = LaunchPeer(SignalsAreAsNew, {a.get()});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGPIPE, pipe_before);
  CHECK(End(process).code == 0);
}

}  // namespace
}  // namespace baton::platform
