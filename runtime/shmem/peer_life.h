// Whether the other side of a channel still lives, asked by a thread that cannot wait for the
// channel to notice.
#pragma once

#include <atomic>
#include <utility>

#include <baton/platform/handle.h>

namespace baton::internal {

// Thread-safe.
class PeerLife {
 public:
  // `death` becomes readable when the peer's process has ended. Empty, where nobody knows the
  // process: then the end of the channel stands for it.
  explicit PeerLife(platform::Handle death) : death_(std::move(death)) {}

  void ChannelEnded() { channel_ended_.store(true, std::memory_order_release); }

  // One system call when there is a process to ask for.
  bool IsGone() const;

 private:
  const platform::Handle death_;
  std::atomic<bool> channel_ended_{false};
};

}  // namespace baton::internal
