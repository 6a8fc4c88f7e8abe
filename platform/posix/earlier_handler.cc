#include "platform/posix/earlier_handler.h"

#include <pthread.h>
#include <ucontext.h>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// BUS_MCEERR_AO tells of memory that has gone bad, and that nobody has touched yet.
bool ComesAgain(int signal, const siginfo_t& info) {
  return info.si_code > 0 && !(signal == SIGBUS && info.si_code == BUS_MCEERR_AO);
}

void EndAsWithoutHandler(int signal, const siginfo_t& info) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  (void)::sigaction(signal, &action, nullptr);
  if (!ComesAgain(signal, info)) (void)::raise(signal);
}

}  // namespace

Result<void> EarlierHandler::Replace(int signal, Handler handler) {
  BATON_CHECKED(Syscall("sigaction", [&] { return ::sigaction(signal, nullptr, &before_); }));
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (before_.sa_flags & SA_RESTART);
  BATON_CHECKED(Syscall("sigaction", [&] { return ::sigaction(signal, &action, nullptr); }));
  return {};
}

void EarlierHandler::Restore(int signal) {
  (void)::sigaction(signal, &before_, nullptr);
}

// Of both handlers, what is blocked meanwhile is what the earlier one would have had: a jump out of
// it leaves no more than that.
void EarlierHandler::Call(int signal, siginfo_t* info, void* context) const {
  sigset_t blocked = static_cast<const ucontext_t*>(context)->uc_sigmask;
  for (int other = 1; other < NSIG; ++other) {
    if (::sigismember(&before_.sa_mask, other) == 1) (void)::sigaddset(&blocked, other);
  }
  if ((before_.sa_flags & SA_NODEFER) == 0) (void)::sigaddset(&blocked, signal);
  sigset_t previous;
  ::pthread_sigmask(SIG_SETMASK, &blocked, &previous);
  if ((before_.sa_flags & SA_SIGINFO) != 0) {
    before_.sa_sigaction(signal, info, context);
  } else {
    before_.sa_handler(signal);
  }
  ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

void EarlierHandler::PassOn(int signal, siginfo_t* info, void* context) {
  const bool has_info = (before_.sa_flags & SA_SIGINFO) != 0;
  const bool is_default = !has_info && before_.sa_handler == SIG_DFL;
  const bool is_ignored = !has_info && before_.sa_handler == SIG_IGN;
  if (is_ignored && !ComesAgain(signal, *info)) return;  // a wrong address cannot be ignored
  const bool is_for_once = (static_cast<unsigned>(before_.sa_flags) & SA_RESETHAND) != 0;
  const bool is_spent = is_for_once && is_spent_.exchange(true);
  if (is_default || is_ignored || is_spent) return EndAsWithoutHandler(signal, *info);
  Call(signal, info, context);
}

}  // namespace baton::platform
