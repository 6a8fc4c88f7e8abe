#include "platform/linux/prepared_launch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "platform/linux/inherited.h"
#include "platform/linux/pidfd.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

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

}  // namespace

Result<PreparedLaunch> PreparedLaunch::Make(const LaunchOptions& options,
                                            std::span<const NativeHandle> inherited) {
  if (inherited.size() > static_cast<std::size_t>(kMaxInherited)) return FailWith(EINVAL);
  PreparedLaunch prepared;
  BATON_TRY(prepared.environment, EnvironmentFor(options.environment, inherited.size()));
  prepared.arguments = {options.program};
  prepared.arguments.insert(prepared.arguments.end(), options.arguments.begin(),
                            options.arguments.end());
  BATON_TRY(prepared.copies, CopiesAboveTargets(inherited));
  return prepared;
}

std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<Handle> OpenChild(pid_t pid) {
  const auto open = [&] { return PidfdOpen(pid); };
  const auto fd = Syscall("pidfd_open", open);
  if (fd) return Handle(*fd);
  // The one place that signals a number: nobody has reaped the child, so it is still its number.
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Fail(fd.error());
}

}  // namespace baton::platform
