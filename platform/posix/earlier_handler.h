// Who handled a signal before us, and goes on to get what is not ours.
#pragma once

#include <atomic>
#include <csignal>

#include <baton/base/result.h>

namespace baton::platform {

// One signal, once per process: the handler that was there, called as the kernel would have called
// it. It lives as long as the process.
class EarlierHandler {
 public:
  using Handler = void (*)(int signal, siginfo_t* info, void* context);

  // From here on `handler` runs instead, on the thread's signal stack if it has one, and with the
  // signal blocked. Errors: the system's; then nothing has changed.
  Result<void> Replace(int signal, Handler handler);

  // Puts the earlier one back.
  void Restore(int signal);

  // As if ours had never been there. In a handler. What nobody handles ends the process: by the
  // instruction that caused it, which is made again once this has returned, or else at once. The
  // earlier handler has the signals blocked that it has asked for, and may leave by siglongjmp.
  void PassOn(int signal, siginfo_t* info, void* context);

 private:
  void Call(int signal, siginfo_t* info, void* context) const;

  struct sigaction before_ = {};       // written before ours can run
  std::atomic<bool> is_spent_{false};  // SA_RESETHAND: once
};

}  // namespace baton::platform
