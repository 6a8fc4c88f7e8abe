#include "samples/decoder/traffic_count.h"

#include <algorithm>

namespace samples {

baton::Traffic operator-(const baton::Traffic& after, const baton::Traffic& before) {
  return {.bytes_sent = after.bytes_sent - before.bytes_sent,
          .bytes_received = after.bytes_received - before.bytes_received,
          .shmem_bytes_sent = after.shmem_bytes_sent - before.shmem_bytes_sent,
          .shmem_bytes_received = after.shmem_bytes_received - before.shmem_bytes_received};
}

std::uint64_t BytesHandedOver(const baton::Traffic& traffic) {
  return traffic.shmem_bytes_sent + traffic.shmem_bytes_received;
}

std::uint64_t BytesInMessages(const baton::Traffic& traffic) {
  return traffic.bytes_sent + traffic.bytes_received;
}

std::uint64_t BytesCopied(std::uint64_t expected, const baton::Traffic& traffic) {
  const std::uint64_t in_memory = std::min(expected, traffic.shmem_bytes_received);
  return std::min(expected - in_memory, traffic.bytes_received);
}

}  // namespace samples
