#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <utility>

#include <baton/platform/process.h>
#include <baton/platform/state_point.h>

#include "platform/linux/inherited.h"
#include "platform/linux/prepared_launch.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// The posix_spawn family returns its error number instead of setting errno.
template <class Call>
Result<void> Spawnish(const char* name, Call call) {
  const auto with_errno = [&] {
    errno = call();
    return errno == 0 ? 0 : -1;
  };
  BATON_CHECKED(Syscall(name, with_errno));
  return {};
}

class FileActions {
 public:
  static Result<FileActions> Make(std::span<const Handle> sources) {
    FileActions actions;
    BATON_CHECKED(Spawnish("posix_spawn_file_actions_init",
                           [&] { return ::posix_spawn_file_actions_init(&actions.actions_); }));
    actions.made_ = true;
    int target = kFirstInherited;
    for (const Handle& source : sources) {
      BATON_CHECKED(Spawnish("posix_spawn_file_actions_adddup2", [&] {
        return ::posix_spawn_file_actions_adddup2(&actions.actions_, source.get(), target);
      }));
      ++target;
    }
    BATON_CHECKED(Spawnish("posix_spawn_file_actions_addclosefrom_np", [&] {
      return ::posix_spawn_file_actions_addclosefrom_np(&actions.actions_, target);
    }));
    return actions;
  }

  FileActions(FileActions&& other) noexcept
      : actions_(other.actions_), made_(std::exchange(other.made_, false)) {}
  FileActions& operator=(FileActions&&) = delete;
  ~FileActions() {
    if (made_) ::posix_spawn_file_actions_destroy(&actions_);
  }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  FileActions() = default;

  posix_spawn_file_actions_t actions_ = {};
  bool made_ = false;
};

// A launcher that blocks signals or ignores SIGPIPE does not make its children do so.
class CleanSignals {
 public:
  static Result<CleanSignals> Make() {
    CleanSignals clean;
    BATON_CHECKED(Spawnish("posix_spawnattr_init",
                           [&] { return ::posix_spawnattr_init(&clean.attributes_); }));
    clean.made_ = true;
    sigset_t none;
    sigset_t back_to_default;
    ::sigemptyset(&none);
    ::sigemptyset(&back_to_default);
    ::sigaddset(&back_to_default, SIGPIPE);
    ::posix_spawnattr_setsigmask(&clean.attributes_, &none);
    ::posix_spawnattr_setsigdefault(&clean.attributes_, &back_to_default);
    ::posix_spawnattr_setflags(&clean.attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return clean;
  }

  CleanSignals(CleanSignals&& other) noexcept
      : attributes_(other.attributes_), made_(std::exchange(other.made_, false)) {}
  CleanSignals& operator=(CleanSignals&&) = delete;
  ~CleanSignals() {
    if (made_) ::posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  CleanSignals() = default;

  posix_spawnattr_t attributes_ = {};
  bool made_ = false;
};

}  // namespace

Result<Process> Process::Launch(const LaunchOptions& options,
                                std::span<const NativeHandle> inherited) {
  BATON_TRY(PreparedLaunch prepared, PreparedLaunch::Make(options, inherited));
  BATON_TRY(const FileActions actions, FileActions::Make(prepared.copies));
  BATON_TRY(const CleanSignals signals, CleanSignals::Make());

  StatePoint("child.launching");
  pid_t pid = 0;
  BATON_CHECKED(Spawnish("posix_spawn", [&] {
    return ::posix_spawn(&pid, options.program.c_str(), actions.get(), signals.get(),
                         PointersTo(prepared.arguments).data(),
                         PointersTo(prepared.environment).data());
  }));
  BATON_TRY(Handle pidfd, OpenChild(pid));
  StatePoint("child.launched");
  return Process(pid, std::move(pidfd));
}

}  // namespace baton::platform
