// The two ends of a channel to a process that is about to be launched.
#pragma once

#include <cstdint>

#include <baton/base/result.h>
#include <baton/endpoint_value.h>
#include <baton/platform/process.h>

namespace baton::internal {

struct LaunchEnds {
  // Before anybody else has either of them. The kernel is asked on both to tell who sends. Errors:
  // those of the system.
  static Result<LaunchEnds> Create();

  // Our end, once `process` was launched with `theirs`: only that process may introduce itself.
  // Errors: those of the system (too many open files).
  Result<EndpointParts> LaunchedAs(const platform::Process& process, std::uint32_t epoch = 0) &&;

  platform::Handle ours;
  platform::Handle theirs;
};

}  // namespace baton::internal
