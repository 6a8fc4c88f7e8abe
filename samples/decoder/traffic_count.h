// What a channel carried while something happened, out of its counters before and after.
#pragma once

#include <cstdint>

#include <baton/baton.h>

namespace samples {

// Of two looks at one channel's counters, the later first.
baton::Traffic operator-(const baton::Traffic& after, const baton::Traffic& before);

// Bytes whose memory changed hands, in either direction.
std::uint64_t BytesHandedOver(const baton::Traffic& traffic);

// Bytes that went through the socket, in either direction; frame headers count.
std::uint64_t BytesInMessages(const baton::Traffic& traffic);

// Of `expected` bytes that arrived during `traffic`, those that did not arrive in memory that
// changed hands: they came through the socket, which carried no more than it carried. 0 for what is
// sent as Shmem; all of them had they been sent as `bytes`.
std::uint64_t BytesCopied(std::uint64_t expected, const baton::Traffic& traffic);

}  // namespace samples
