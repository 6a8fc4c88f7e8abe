#include <baton/platform/fault_handler.h>

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <mutex>

#include "platform/posix/earlier_handler.h"
#include "platform/posix/sigbus_handler.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// Large enough for handlers that were there before, and that have run on a thread's own stack.
// Pages that are never touched cost nothing.
alignas(16) std::array<std::byte, std::size_t{256} << 10> stack;

constinit std::atomic<FaultObserver> observer_now = nullptr;

EarlierHandler before_segv;
EarlierHandler before_bus;

// What the truncation guard repairs is no trouble: it may have been there before us, and hears of
// nothing that is passed on then.
void OnFault(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const bool is_repaired = CoversFault(*info);
  const FaultObserver observer = observer_now.load(std::memory_order_acquire);
  if (!is_repaired && info->si_code > 0 && observer != nullptr) {
    observer(reinterpret_cast<std::uintptr_t>(info->si_addr));
  }
  errno = error;
  if (!is_repaired) (signal == SIGBUS ? before_bus : before_segv).PassOn(signal, info, context);
}

// Of this thread, which has it blocked.
void DropPending(int signal) {
  sigset_t pending;
  ::sigemptyset(&pending);
  ::sigaddset(&pending, signal);
  constexpr timespec kDoNotWait = {0, 0};
  (void)::sigtimedwait(&pending, nullptr, &kDoNotWait);
}

Result<void> UseAlternateStack() {
  stack_t has = {};
  BATON_CHECKED(Syscall("sigaltstack", [&] { return ::sigaltstack(nullptr, &has); }));
  if ((has.ss_flags & SS_DISABLE) == 0) return {};
  stack_t own = {};
  own.ss_sp = stack.data();
  own.ss_size = stack.size();
  BATON_CHECKED(Syscall("sigaltstack", [&] { return ::sigaltstack(&own, nullptr); }));
  return {};
}

}  // namespace

Result<void> ObserveFaults(FaultObserver observer) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (observer_now.load(std::memory_order_relaxed) != nullptr) return {};
  BATON_CHECKED(UseAlternateStack());
  BATON_CHECKED(before_segv.Replace(SIGSEGV, &OnFault));
  if (const auto handled = before_bus.Replace(SIGBUS, &OnFault); !handled) {
    before_segv.Restore(SIGSEGV);
    return Fail(handled.error());
  }
  observer_now.store(observer, std::memory_order_release);
  return {};
}

// Where nobody reads any more, the process is not to die of that instead.
void SayFromHandler(std::string_view line) {
  const int error = errno;
  sigset_t pipe;
  sigset_t before;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
  if (::write(STDERR_FILENO, line.data(), line.size()) == -1 && errno == EPIPE) {
    DropPending(SIGPIPE);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
}

}  // namespace baton::platform
