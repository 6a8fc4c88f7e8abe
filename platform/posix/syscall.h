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
  for (;;) {
    int error = testing::NextFault(name);
    if (error == 0) {
      const auto value = call();
      if (value != failed) return value;
      error = errno;
    }
    if (error != EINTR) return FailWith(error);
  }
}

}  // namespace baton::platform
