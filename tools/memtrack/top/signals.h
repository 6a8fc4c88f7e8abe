// Signals as events to wait for: while one of these is there, none of them interrupts anything.
#pragma once

#include <csignal>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace memtrack::top {

// SIGINT, SIGTERM, SIGHUP and SIGQUIT, which are wishes to end, and SIGWINCH. One thread at a time;
// threads that are started meanwhile do not get them either.
class Signals {
 public:
  // Errors: those of the system.
  static baton::Result<Signals> Take();

  Signals(Signals&&) noexcept = default;
  Signals& operator=(Signals&&) = delete;
  ~Signals();  // they do again what they did before

  // Readable when one has come.
  int descriptor() const { return file_.get(); }

  struct Arrived {
    bool wants_end = false;
    bool has_resized = false;
  };
  // All that have come since the last call.
  Arrived Read();

 private:
  Signals(baton::platform::Handle file, const sigset_t& before)
      : file_(std::move(file)), before_(before) {}

  baton::platform::Handle file_;
  sigset_t before_;
};

}  // namespace memtrack::top
