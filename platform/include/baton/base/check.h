// BATON_CHECK(condition): for bugs of ours, in every build. Nothing that a peer, a user's file or
// the operating system can do may reach one.
#pragma once

namespace baton::internal {

// Prints where and what to standard error and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace baton::internal

#define BATON_CHECK(condition)                         \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::baton::internal::CheckFailed(__FILE__, __LINE__, #condition))
