// What every way of launching needs before there is a child, and right after.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/process.h>

namespace baton::platform {

struct PreparedLaunch {
  // Errors: as Process::Launch, as far as there is no process yet.
  static Result<PreparedLaunch> Make(const LaunchOptions& options,
                                     std::span<const NativeHandle> inherited);

  std::vector<std::string> arguments;    // with the program's name
  std::vector<std::string> environment;  // all of it
  std::vector<Handle> copies;            // to become kFirstInherited and the next ones
};

// As execve wants them; valid while `texts` is not changed.
std::vector<char*> PointersTo(std::vector<std::string>& texts);

// Of a child that nobody has reaped. When that fails the child is killed and reaped.
Result<Handle> OpenChild(pid_t pid);

}  // namespace baton::platform
