#include "tools/memtrack/top/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace memtrack::top {

using baton::Result;

Result<Signals> Signals::Take() {
  sigset_t ours;
  sigset_t before;
  ::sigemptyset(&ours);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) ::sigaddset(&ours, signal);
  baton::platform::Handle file(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!file) return baton::Fail({errno, std::generic_category()});
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &ours, &before); error != 0) {
    return baton::Fail({error, std::generic_category()});
  }
  return Signals(std::move(file), before);
}

Signals::~Signals() {
  if (file_) (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Signals::Arrived Signals::Read() {
  Arrived arrived;
  signalfd_siginfo info = {};
  while (::read(file_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    (info.ssi_signo == SIGWINCH ? arrived.has_resized : arrived.wants_end) = true;
  }
  return arrived;
}

}  // namespace memtrack::top
