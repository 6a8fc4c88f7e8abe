// Which Unix sockets of our network namespace have something in their queues, asked of the kernel
// at once: sock_diag(7) with UDIAG_SHOW_RQLEN. Spares a scan the look at each socket of each
// process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>

#include <baton/base/result.h>

namespace memtrack {

using baton::Result;

struct SocketQueues {
  // By their inodes.
  std::unordered_set<std::uint64_t> empty;     // streams, in whose queue nothing can be
  std::unordered_set<std::uint64_t> possible;  // all others, also those whose queue we cannot judge
};

// Errors: those of netlink; where sock_diag is missing or forbidden every socket has to be looked
// at.
Result<SocketQueues> ReadSocketQueues();

enum class DumpState { kMore, kDone, kFailed };

// Adds what one netlink datagram says. A pure function: whatever is not as expected is kFailed.
DumpState AddSocketQueues(std::span<const std::byte> datagram, SocketQueues& queues);

}  // namespace memtrack
