// Runs one system call: waits out signals, turns failure into a value, and gives tests a place to
// make it fail.
#pragma once

#include <cerrno>
#include <system_error>

#include <baton/base/result.h>
#include <baton/platform/fault_injection.h>

namespace baton::platform {

inline Failure FailWith(int error) {
  return Fail({error, std::system_category()});
}

template <class Call>
auto Syscall(const char* name, Call call,
             decltype(call()) failed = static_cast<decltype(call())>(-1))
    -> Result<decltype(call())> {
  if (const int injected = testing::NextFault(name); injected != 0) return FailWith(injected);
  for (;;) {
    const auto value = call();
    if (value != failed) return value;
    if (errno != EINTR) return FailWith(errno);
  }
}

}  // namespace baton::platform
