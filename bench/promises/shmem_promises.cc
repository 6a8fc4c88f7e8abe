#include <cstddef>
#include <cstring>
#include <vector>

#include <baton/base/check.h>

#include "bench/promises/median.h"
#include "bench/promises/promise.h"
#include "bench/two_processes.h"

namespace bench {

// One enforced hand-over of 8 MiB, process quiet: half of there and back, less the message itself.
// The yardstick is copying the bytes instead.
Measured HandOverOf8MiB() {
  constexpr std::size_t kSize = std::size_t{8} << 20;
  constexpr int kRounds = 1000;
  ActorPair actors;
  const std::vector<std::byte> payload(64, std::byte{1});
  auto memory = actors.actor().AllocShmem(kSize);
  BATON_CHECK(memory);
  std::memset(memory->bytes().data(), 1, kSize);
  const std::vector<std::byte> from(kSize, std::byte{1});
  std::vector<std::byte> to(kSize);
  const auto [message, bounce, copy] = MediansInTurn(
      kRounds, {[&] { actors.Ping(payload); }, [&] { *memory = actors.Bounce(std::move(*memory)); },
                [&] {
                  std::memcpy(to.data(), from.data(), kSize);
                  asm volatile("" : : "r"(to.data()) : "memory");
                }});
  return {(bounce - message) / 2, copy};
}

}  // namespace bench
