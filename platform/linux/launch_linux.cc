#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include <baton/platform/process.h>

#include "platform/linux/inherited.h"
#include "platform/linux/pidfd.h"
#include "platform/linux/syscall.h"

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

std::string_view NameOf(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

// Ours without what `added` replaces, then `added`, then the note for TakeInherited.
Result<std::vector<std::string>> EnvironmentFor(std::span<const std::string> added,
                                                std::size_t inherited) {
  const auto is_replaced = [&](std::string_view name) {
    return name == kInheritedVariable ||
           std::ranges::any_of(added, [&](const auto& entry) { return NameOf(entry) == name; });
  };
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_replaced(NameOf(*entry))) environment.emplace_back(*entry);
  }
  for (const std::string& entry : added) {
    const std::size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string::npos) return FailWith(EINVAL);
    if (NameOf(entry) != kInheritedVariable) environment.push_back(entry);
  }
  if (inherited > 0) {
    environment.push_back(std::string(kInheritedVariable) + '=' + std::to_string(inherited));
  }
  return environment;
}

std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Copies that all lie above the numbers they get in the child: whatever the sources' own numbers,
// no dup2 over there overwrites one that is still needed or leaves one close-on-exec.
Result<std::vector<Handle>> CopiesAboveTargets(std::span<const NativeHandle> sources) {
  const int first_free = kFirstInherited + static_cast<int>(sources.size());
  std::vector<Handle> copies;
  copies.reserve(sources.size());
  for (const NativeHandle source : sources) {
    const auto duplicate = [&] { return ::fcntl(source, F_DUPFD_CLOEXEC, first_free); };
    BATON_TRY(const int copy, Syscall("fcntl(F_DUPFD_CLOEXEC)", duplicate));
    copies.emplace_back(copy);
  }
  return copies;
}

Result<Handle> OpenProcess(pid_t pid) {
  const auto open = [&] { return PidfdOpen(pid); };
  const auto fd = Syscall("pidfd_open", open);
  if (fd) return Handle(*fd);
  // The one place that signals a number: nobody has reaped the child, so it is still its number.
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Fail(fd.error());
}

}  // namespace

Result<Process> Process::Launch(const LaunchOptions& options,
                                std::span<const NativeHandle> inherited) {
  if (inherited.size() > static_cast<std::size_t>(kMaxInherited)) return FailWith(EINVAL);
  BATON_TRY(std::vector<std::string> environment,
            EnvironmentFor(options.environment, inherited.size()));
  std::vector<std::string> arguments = {options.program};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  BATON_TRY(const std::vector<Handle> copies, CopiesAboveTargets(inherited));
  BATON_TRY(const FileActions actions, FileActions::Make(copies));
  BATON_TRY(const CleanSignals signals, CleanSignals::Make());

  pid_t pid = 0;
  BATON_CHECKED(Spawnish("posix_spawn", [&] {
    return ::posix_spawn(&pid, options.program.c_str(), actions.get(), signals.get(),
                         PointersTo(arguments).data(), PointersTo(environment).data());
  }));
  BATON_TRY(Handle pidfd, OpenProcess(pid));
  return Process(pid, std::move(pidfd));
}

}  // namespace baton::platform
