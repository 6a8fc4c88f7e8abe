#include <cstddef>
#include <vector>

#include "bench/promises/median.h"
#include "bench/promises/promise.h"
#include "bench/two_processes.h"

namespace bench {

// 64 bytes to a typed actor in another process and back, nobody spinning, beside the same bytes
// over epoll and a bare socket with the same placement.
Measured RoundTripAsleep() {
  constexpr int kRounds = 20'000;
  constexpr std::size_t kPayload = 64;
  ActorPair actors;
  SocketPair sockets;
  const std::vector<std::byte> payload(kPayload, std::byte{1});
  const auto [ours, bare] =
      MediansInTurn(kRounds, {[&] { actors.Ping(payload); }, [&] { sockets.RoundTrip(kPayload); }});
  return {ours, bare};
}

}  // namespace bench
