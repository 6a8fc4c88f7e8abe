// Launches children that do not outlive this process, whatever ends it and whatever they do.
#pragma once

#include <memory>
#include <span>

#include <baton/base/result.h>
#include <baton/platform/process.h>

namespace baton::platform {

// The kernel kills each child of a Launcher as soon as this process has ended, or the Launcher has.
// It does so although the child hangs, is stopped, or knows nothing of Baton; not where the program
// gains rights at its start (setuid, file capabilities) or asks for another signal itself.
//
// Costs a thread that sleeps: on Linux a child's promise hangs on the thread which made it, not on
// the process, and nobody can say how long the caller's thread lives. It blocks all signals.
//
// Move-only; outlives the children that are to live. Not to be used by two threads at once.
class Launcher {
 public:
  // Errors: those of the system (no more threads).
  static Result<Launcher> Start();

  Launcher(Launcher&&) noexcept;
  Launcher& operator=(Launcher&&) = delete;
  // Kills what is left of its children. Their owners reap them.
  ~Launcher();

  // As Process::Launch, which see. Waits until the program runs, about a millisecond, and some more
  // in a process of many gigabytes, whose page tables are copied.
  Result<Process> Launch(const LaunchOptions& options, std::span<const NativeHandle> inherited);

 private:
  class Worker;

  explicit Launcher(std::unique_ptr<Worker> worker);

  // On the launcher's own thread. Needs Linux 5.11 (CLOSE_RANGE_CLOEXEC).
  static Result<Process> LaunchHere(const LaunchOptions& options,
                                    std::span<const NativeHandle> inherited);

  std::unique_ptr<Worker> worker_;  // null when moved from
};

}  // namespace baton::platform
