// Child processes: launched with chosen handles, watched and ended by a handle instead of a number.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

struct LaunchOptions {
  std::string program;                      // path; no search
  std::vector<std::string> arguments = {};  // without the program's own name
  // Added to (or replacing) this process's environment, as NAME=value.
  std::vector<std::string> environment = {};
};

// How a process ended.
struct ExitStatus {
  int code = 0;    // exit code, when it ended by itself
  int signal = 0;  // the signal that ended it, else 0
};

// Owns a child: a child that was not waited for is killed and reaped when this goes away, so
// nothing stays behind as a zombie. The program must not reap children behind our back (waiting for
// any child, ignoring SIGCHLD). Not to be used by two threads at once.
class Process {
 public:
  // Starts a program afresh (never a bare fork). It inherits standard input, output and error and
  // `inherited`, which it finds as handles 3, 4, ... and as TakeInherited(0), (1), ...; nothing
  // else. No signal is blocked in it and SIGPIPE does what it does by default. Errors:
  // std::errc::invalid_argument for an environment entry without a name or `=`; the system's (no
  // such program, not executable, too many open files); nothing runs then.
  static Result<Process> Launch(const LaunchOptions& options,
                                std::span<const NativeHandle> inherited);

  Process() = default;
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  explicit operator bool() const { return static_cast<bool>(pidfd_); }
  int pid() const { return pid_; }

  // Becomes readable when the process has ended.
  const Handle& death() const { return pidfd_; }

  // Ends it at once; it is not an error if it has ended already, or if there is no process.
  Result<void> Kill();

  // Waits for the end and reaps. nullopt: still running after `deadline` (from now; 0 or less only
  // looks). Once it has ended, every further call returns the same. Errors: the system's, as when
  // there is no process (bad file descriptor).
  Result<std::optional<ExitStatus>> Wait(std::chrono::milliseconds deadline);

 private:
  friend class Launcher;

  Process(int pid, Handle pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  int pid_ = 0;
  Handle pidfd_;
  std::optional<ExitStatus> ended_;  // how, once it was reaped
};

// The handle that a launched process finds as its `index`-th inherited one, counted from 0; each
// can be taken once. Errc::kNoEndpoint when there is none. Any thread.
//
// The first call makes all of them close-on-exec and removes the note about them from the
// environment, so that programs started later do not take them for theirs. Call it early in main:
// it changes the environment, and believes that handles 3, 4, ... are still those of the launch.
Result<Handle> TakeInherited(int index);

}  // namespace baton::platform
