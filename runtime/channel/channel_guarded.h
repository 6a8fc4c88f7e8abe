// Runs what calls handlers, for the parts of Channel that do.
#pragma once

#include <utility>

#include "runtime/channel/channel.h"

namespace baton::internal {

template <class F>
auto Channel::Guarded(F what) -> decltype(what()) {
  // A sync message is waited for inside of a handler: one in the other.
  struct Reading {
    explicit Reading(bool& flag) : flag(flag), before(std::exchange(flag, true)) {}
    ~Reading() { flag = before; }
    bool& flag;
    const bool before;
  };
  // What became readable meanwhile, in a handler that runs the io_context itself, is read after.
  struct ReadLater {
    ~ReadLater() {
      const Keep keep = std::exchange(channel.deferred_read_, {});
      if (keep.channel != nullptr && channel.phase_ != Phase::kEnded) channel.PostReadable();
    }
    Channel& channel;
  } read_later{*this};
  try {
    const Reading reading(reading_);
    return what();
  } catch (...) {
    End(ActorDestroyReason::kAbnormalShutdown, std::make_error_code(std::errc::io_error),
        "a handler threw", Errc::kClosed);
    throw;
  }
}

}  // namespace baton::internal
