// Child processes: launched with chosen handles, watched and ended by a handle instead of a number.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

struct LaunchOptions {
  std::string program;                 // path; no search
  std::vector<std::string> arguments;  // without the program's own name
  // Added to (or replacing) this process's environment, as NAME=value.
  std::vector<std::string> environment;
};

// How a process ended.
struct ExitStatus {
  int code = 0;    // exit code, when it ended by itself
  int signal = 0;  // the signal that ended it, else 0
};

// Owns a child: a child that was neither waited for nor released is killed and reaped when this
// goes away, so nothing stays behind as a zombie.
class Process {
 public:
  // Starts a program afresh (never a bare fork). It inherits standard input, output and error and
  // `inherited`, which it finds as handles 3, 4, ...; nothing else.
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

  // Ends it at once; it is not an error if it has ended already.
  Result<void> Kill();

  // Waits for the end and reaps. nullopt: still running after `deadline`.
  Result<std::optional<ExitStatus>> Wait(std::chrono::milliseconds deadline);

 private:
  int pid_ = 0;
  Handle pidfd_;
};

// The handle that a launched process finds as its `index`-th inherited one, taken over and made
// close-on-exec. Errc::kNoEndpoint when there is none.
Result<Handle> TakeInherited(int index);

}  // namespace baton::platform
