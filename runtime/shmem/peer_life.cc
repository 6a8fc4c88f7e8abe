#include "runtime/shmem/peer_life.h"

#include <baton/platform/wait_for_socket.h>

namespace baton::internal {

bool PeerLife::IsGone() const {
  const platform::NativeHandle death = asked_.load(std::memory_order_acquire);
  if (death == platform::kNoHandle) return channel_ended_.load(std::memory_order_acquire);
  const platform::SocketWants wanted = {.also = death};
  return platform::WaitForSocket({}, wanted, std::chrono::steady_clock::now()).also;
}

bool PeerLife::HasDied() const {
  return asked_.load(std::memory_order_acquire) != platform::kNoHandle && IsGone();
}

}  // namespace baton::internal
