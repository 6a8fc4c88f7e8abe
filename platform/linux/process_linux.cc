#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include <baton/platform/process.h>
#include <baton/platform/state_point.h>

#include "platform/linux/pidfd.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLongestWait = std::chrono::hours(24 * 20);  // fits poll's int

int MillisecondsUntil(Clock::time_point end) {
  const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
  return static_cast<int>(std::max(left, milliseconds(0)).count());
}

ExitStatus StatusFrom(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = 0};
  return {.code = 0, .signal = info.si_status};
}

}  // namespace

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      pidfd_(std::move(other.pidfd_)),
      ended_(std::exchange(other.ended_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    const Process ended_now(std::move(*this));
    pid_ = std::exchange(other.pid_, 0);
    pidfd_ = std::move(other.pidfd_);
    ended_ = std::exchange(other.ended_, std::nullopt);
  }
  return *this;
}

Process::~Process() {
  if (!pidfd_ || ended_) return;
  PidfdSendSignal(pidfd_.get(), SIGKILL);
  // waitid alone need not wait: whoever watches death() shares our open file description, and Asio
  // makes what it watches non-blocking.
  pollfd death = {.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  siginfo_t info = {};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) < 0 &&
         (errno == EINTR || errno == EAGAIN)) {
    ::poll(&death, 1, -1);
  }
}

Result<void> Process::Kill() {
  if (!pidfd_ || ended_) return {};
  StatePoint("child.killing");
  const auto kill = [&] { return PidfdSendSignal(pidfd_.get(), SIGKILL); };
  const auto killed = Syscall("pidfd_send_signal", kill);
  if (!killed && killed.error() != std::errc::no_such_process) return Fail(killed.error());
  return {};
}

Result<std::optional<ExitStatus>> Process::Wait(milliseconds deadline) {
  if (ended_) return ended_;
  if (!pidfd_) return FailWith(EBADF);
  const Clock::time_point end = Clock::now() + std::clamp(deadline, milliseconds(0), kLongestWait);
  pollfd death = {.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  const auto wait = [&] { return ::poll(&death, 1, MillisecondsUntil(end)); };
  BATON_TRY(const int ready, Syscall("poll", wait));
  if (ready == 0) return std::optional<ExitStatus>();

  siginfo_t info = {};
  const auto reap = [&] {
    return ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED);
  };
  BATON_CHECKED(Syscall("waitid", reap));
  ended_ = StatusFrom(info);
  StatePoint("child.reaped");
  return ended_;
}

}  // namespace baton::platform
