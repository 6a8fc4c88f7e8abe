// What holds a channel while it waits.
#pragma once

#include <utility>

#include "runtime/channel/channel.h"

namespace baton::internal {

// Held by the operation that waits for bytes, or for the end; a channel always has one. Destroyed
// without having run, it says that the io_context has gone: the channel gives up, and lets go of
// completions that may hold the actor.
class Channel::ReadGuard {
 public:
  explicit ReadGuard(Keep keep, void (Channel::*when_dropped)() = &Channel::Abandon)
      : keep_(std::move(keep)), when_dropped_(when_dropped) {}
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;
  ~ReadGuard() {
    if (keep_.channel != nullptr) (keep_.channel.get()->*when_dropped_)();
  }
  Keep Release() { return {std::move(keep_.channel), std::move(keep_.actor)}; }

 private:
  Keep keep_;
  void (Channel::*when_dropped_)();
};

}  // namespace baton::internal
