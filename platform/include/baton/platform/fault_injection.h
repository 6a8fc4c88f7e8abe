// Makes the nth system call of the platform layer fail, so that tests reach every error path.
//
//   FailNthCall fault(3, ENOMEM);         // the third call from here on fails, once
//   const auto result = Scenario();
//   fault.failed_call()                   // "ftruncate", or nullptr: there were fewer than three
//
// Exists in builds with BATON_FAULT_INJECTION (set by CMake, never for a release); elsewhere every
// call goes to the kernel and failed_call() is always nullptr. Calls made on the way out of a scope
// (close, munmap, reaping a child) are never failed and not counted.
#pragma once

namespace baton::platform::testing {

#ifdef BATON_FAULT_INJECTION

inline constexpr bool kCanInjectFaults = true;

// The error number with which the call `name` (a string literal) has to fail now; 0: let it happen.
int NextFault(const char* name);

// Armed from construction to destruction, for the whole process; the calls of all threads count.
// One at a time: a second one at the same time is a bug of the test and aborts.
class FailNthCall {
 public:
  // `nth` counts from 1; `error` is an errno.
  FailNthCall(int nth, int error);
  ~FailNthCall();
  FailNthCall(const FailNthCall&) = delete;
  FailNthCall& operator=(const FailNthCall&) = delete;

  // Which call was failed. nullptr: none so far.
  const char* failed_call() const;
};

#else

inline constexpr bool kCanInjectFaults = false;

constexpr int NextFault(const char*) {
  return 0;
}

class FailNthCall {
 public:
  FailNthCall(int, int) {}
  FailNthCall(const FailNthCall&) = delete;
  FailNthCall& operator=(const FailNthCall&) = delete;

  const char* failed_call() const { return nullptr; }
};

#endif

}  // namespace baton::platform::testing
