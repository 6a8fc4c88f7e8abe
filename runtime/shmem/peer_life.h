// Whether the other side of a channel still lives, asked by a thread that cannot wait for the
// channel to notice.
#pragma once

#include <atomic>
#include <utility>

#include <baton/platform/handle.h>

namespace baton::internal {

class PeerLife {
 public:
  // `death` becomes readable when the peer's process has ended. Empty, where nobody knows the
  // process: then the end of the channel stands for it.
  explicit PeerLife(platform::Handle death) { Know(std::move(death)); }

  // On the channel's executor, as death(): who the peer is was not known before, and is now.
  void Know(platform::Handle death) {
    death_ = std::move(death);
    asked_.store(death_.get(), std::memory_order_release);
  }
  const platform::Handle& death() const { return death_; }

  // The process's number, for whoever looks at the machine; 0: not known. Any thread.
  void KnowNumber(int pid) { pid_.store(pid, std::memory_order_relaxed); }
  int number() const { return pid_.load(std::memory_order_relaxed); }

  // Any thread, as IsGone.
  void ChannelEnded() { channel_ended_.store(true, std::memory_order_release); }

  // One system call when there is a process to ask for.
  bool IsGone() const;

  // The process is known, and has ended. Any thread.
  bool HasDied() const;

 private:
  platform::Handle death_;
  std::atomic<platform::NativeHandle> asked_{platform::kNoHandle};  // that of death_
  std::atomic<bool> channel_ended_{false};
  std::atomic<int> pid_{0};
};

}  // namespace baton::internal
