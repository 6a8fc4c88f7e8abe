#include <baton/platform/launcher.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/local_socket.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton::platform {
namespace {

using baton::testing::kPatience;
using baton::testing::LeakCheck;
using baton::testing::Must;

// The exit code of a script, with `inherited` as its handles 3, 4, ...
int ExitCodeOf(Launcher& launcher, const std::string& script,
               std::span<const NativeHandle> inherited = {}) {
  Process process = Must(launcher.Launch({"/bin/sh", {"-c", script}, {"NAME=a value"}}, inherited));
  const ExitStatus status = Must(process.Wait(kPatience)).value();
  CHECK(status.signal == 0);
  return status.code;
}

TEST_CASE("A launcher passes arguments, environment and chosen handles, and nothing else") {
  const LeakCheck leak_check;
  Launcher launcher = Must(Launcher::Start());
  CHECK(ExitCodeOf(launcher, "exit 42") == 42);
  CHECK(ExitCodeOf(launcher, "test \"$NAME\" = 'a value'") == 0);
  auto [one, other] = Must(CreateSocketPair());
  const int leaky = ::dup(one.get());  // not close-on-exec
  const std::array inherited = {one.get(), other.get()};
  CHECK(ExitCodeOf(launcher, "test \"$BATON_INHERITED\" = 2 && test -S /dev/fd/3", inherited) == 0);
  CHECK(ExitCodeOf(launcher, "test -S /dev/fd/4 && ! test -S /dev/fd/5", inherited) == 0);
  CHECK(ExitCodeOf(launcher, "! test -S /dev/fd/" + std::to_string(leaky)) == 0);
  ::close(leaky);
}

TEST_CASE("No signal is blocked or handled in a launcher's child, and SIGPIPE is as by default") {
  const LeakCheck leak_check;
  auto* const pipe_before = ::signal(SIGPIPE, SIG_IGN);
  auto* const user_before = ::signal(SIGUSR1, [](int) {});
  Launcher launcher = Must(Launcher::Start());
  CHECK(ExitCodeOf(launcher, "grep -q '^SigBlk:.*0000000000000000$' /proc/self/status") == 0);
  CHECK(ExitCodeOf(launcher,
                   "grep -q '^SigIgn:.*[02468ace][0-9a-f][0-9a-f][0-9a-f]$' /proc/self/status") ==
        0);
  ::signal(SIGPIPE, pipe_before);
  ::signal(SIGUSR1, user_before);
}

TEST_CASE("What a launcher cannot start is an error and leaves nothing behind") {
  const LeakCheck leak_check;
  Launcher launcher = Must(Launcher::Start());
  const auto error = [&](const LaunchOptions& options) {
    return launcher.Launch(options, {}).error();
  };
  CHECK(error({"/nowhere/at/all"}) == std::errc::no_such_file_or_directory);
  CHECK(error({"/dev/null"}) == std::errc::permission_denied);
  CHECK(error({"/bin/true", {}, {"=value"}}) == std::errc::invalid_argument);
  CHECK(launcher.Launch({"/bin/true"}, std::array{kNoHandle}).error() ==
        std::errc::bad_file_descriptor);
  CHECK(ExitCodeOf(launcher, "exit 3") == 3);
}

TEST_CASE("The end of a launcher is the end of its children") {
  const LeakCheck leak_check;
  Process process;
  {
    Launcher launcher = Must(Launcher::Start());
    process = Must(launcher.Launch({"/bin/sh", {"-c", "exec sleep 1000 >/dev/null 2>&1"}}, {}));
    CHECK_FALSE(Must(process.Wait(std::chrono::milliseconds(0))).has_value());
  }
  CHECK(Must(process.Wait(kPatience)).value().signal == SIGKILL);
}

}  // namespace
}  // namespace baton::platform
