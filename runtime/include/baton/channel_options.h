// What one channel may cost. Every limit is enforced against the peer as well as against ourselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace baton {

struct ChannelOptions {
  // Payload of one message in bytes, in either direction, at least 4096. What is larger belongs
  // into a Shmem.
  std::size_t max_message_bytes = std::size_t{1} << 20;

  // Data waiting for a slow peer, in bytes; beyond it SendX says Errc::kWouldBlock.
  std::size_t max_queued_bytes = std::size_t{4} << 20;

  // Shared memory of this channel mapped here, whoever allocated it. Each piece costs an open file;
  // many systems give a process 1024. At most 65,536.
  std::uint64_t max_shmem_bytes = std::uint64_t{8} << 30;
  std::size_t max_shmem_count = 512;

  // How long the peer may take to introduce itself.
  std::chrono::milliseconds handshake_deadline{10'000};

  // How long Close waits for a slow peer to take what was sent before.
  std::chrono::milliseconds close_deadline{2'000};
};

}  // namespace baton
