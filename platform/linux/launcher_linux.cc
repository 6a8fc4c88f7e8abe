#include <baton/platform/launcher.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <baton/platform/state_point.h>

#include "platform/linux/inherited.h"
#include "platform/linux/prepared_launch.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr unsigned kCloseOnExec = 1U << 2;  // CLOSE_RANGE_CLOEXEC, since Linux 5.11

// A word that parent and child both see: why the program could not be started.
class SharedWord {
 public:
  static Result<SharedWord> Make() {
    const auto map = [] {
      return ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                    0);
    };
    BATON_TRY(void* const page, Syscall("mmap", map, MAP_FAILED));
    return SharedWord(static_cast<int*>(page));
  }

  SharedWord(SharedWord&& other) noexcept : word_(std::exchange(other.word_, nullptr)) {}
  SharedWord& operator=(SharedWord&&) = delete;
  ~SharedWord() {
    if (word_ != nullptr) ::munmap(word_, sizeof(int));
  }

  int* get() const { return word_; }

 private:
  explicit SharedWord(int* word) : word_(word) {}

  int* word_;
};

// All that the child needs, made before it: between clone and exec only plain system calls are
// allowed, as any lock of this process may be held.
struct ChildPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  std::span<const Handle> copies;
  pid_t parent;
};

// exec resets handlers, but a signal before that would run one of the parent's, which may write to
// a pipe that both share.
bool ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) != 0) continue;  // the C library's own
    const bool stays = action.sa_handler == SIG_IGN && signal != SIGPIPE;
    if (stays || action.sa_handler == SIG_DFL) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    if (::sigaction(signal, &action, nullptr) != 0) return false;
  }
  sigset_t none;
  ::sigemptyset(&none);
  return ::pthread_sigmask(SIG_SETMASK, &none, nullptr) == 0;
}

bool PassHandles(std::span<const Handle> copies) {
  int target = kFirstInherited;
  for (const Handle& copy : copies) {
    if (::syscall(SYS_dup3, copy.get(), target, 0) < 0) return false;
    ++target;
  }
  return ::syscall(SYS_close_range, target, ~0U, kCloseOnExec) == 0;
}

// Returns only when it failed; errno says why.
void BecomeProgram(const ChildPlan& plan) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  // Who died before that call sends nothing any more.
  if (::getppid() != plan.parent) {
    errno = ESRCH;
    return;
  }
  if (!PassHandles(plan.copies) || !ResetSignals()) return;
  ::execve(plan.program, plan.arguments, plan.environment);
}

// Returns when the child has become the program, or has ended. It has memory of its own, unlike
// with vfork: what it does to signals is not done to us.
Result<pid_t> CloneAndExec(const ChildPlan& plan, int* error) {
  const auto clone = [&] {
    const long pid = ::syscall(SYS_clone, CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (pid == 0) {
      BecomeProgram(plan);
      *error = errno;
      ::_exit(127);
    }
    return static_cast<pid_t>(pid);
  };
  return Syscall("clone", clone);
}

}  // namespace

// The thread. It does one thing at a time, for whoever waits for that.
class Launcher::Worker {
 public:
  Worker() : thread_([this] { Run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Result<Process> Launch(const LaunchOptions& options, std::span<const NativeHandle> inherited) {
    std::unique_lock lock(mutex_);
    options_ = &options;
    inherited_ = inherited;
    changed_.notify_all();
    changed_.wait(lock, [&] { return launched_.has_value(); });
    Result<Process> launched = *std::move(launched_);
    launched_.reset();
    return launched;
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ending_ || options_ != nullptr; });
      if (ending_) return;
      launched_.emplace(LaunchHere(*std::exchange(options_, nullptr), inherited_));
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const LaunchOptions* options_ = nullptr;  // what is to be launched
  std::span<const NativeHandle> inherited_;
  std::optional<Result<Process>> launched_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses the others
};

Launcher::Launcher(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Launcher::Launcher(Launcher&&) noexcept = default;
Launcher::~Launcher() = default;

Result<Launcher> Launcher::Start() {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the thread
  std::unique_ptr<Worker> worker;
  std::error_code error;
  try {
    worker = std::make_unique<Worker>();
  } catch (const std::system_error& no_thread) {
    error = no_thread.code();
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) return Fail(error);
  return Launcher(std::move(worker));
}

Result<Process> Launcher::Launch(const LaunchOptions& options,
                                 std::span<const NativeHandle> inherited) {
  return worker_->Launch(options, inherited);
}

Result<Process> Launcher::LaunchHere(const LaunchOptions& options,
                                     std::span<const NativeHandle> inherited) {
  BATON_TRY(PreparedLaunch prepared, PreparedLaunch::Make(options, inherited));
  const std::vector<char*> arguments = PointersTo(prepared.arguments);
  const std::vector<char*> environment = PointersTo(prepared.environment);
  BATON_TRY(const SharedWord error, SharedWord::Make());
  const ChildPlan plan = {options.program.c_str(), arguments.data(), environment.data(),
                          prepared.copies, ::getpid()};
  StatePoint("child.launching");
  BATON_TRY(const pid_t pid, CloneAndExec(plan, error.get()));
  BATON_TRY(Handle pidfd, OpenChild(pid));
  StatePoint("child.launched");
  Process process(pid, std::move(pidfd));
  if (*error.get() != 0) return FailWith(*error.get());  // the process is reaped on the way
  return process;
}

}  // namespace baton::platform
