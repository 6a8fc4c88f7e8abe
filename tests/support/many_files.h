// For tests that open more files than many systems let a process have without asking, 1024.
//
//   if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
#pragma once

#include <sys/resource.h>

#include <algorithm>

namespace baton::testing {

inline constexpr rlim_t kManyFiles = 8000;

// Raises the limit of this process to at least kManyFiles. False where that is not allowed.
inline bool AllowManyFiles() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= kManyFiles) return true;
  limit.rlim_cur = std::min(kManyFiles, limit.rlim_max);
  return limit.rlim_cur == kManyFiles && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace baton::testing
