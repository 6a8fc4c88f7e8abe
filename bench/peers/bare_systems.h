// The clients and servers of bare.cc, one file each, and what they share.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <baton/platform/handle.h>

#include "bench/bare/bare_ring.h"
#include "bench/peers/harness.h"

namespace peers {

void ServeRing(bench::Waiting waiting);
void RunRing(const Run& run, bench::Waiting waiting);

// By variant: stream, seqpacket, pipe.
void ServeStream(const std::string& variant);
void RunStream(const Run& run);

void ServeMemfd();
void RunMemfd(const Run& run);

// One sendmsg with at most four handles, and one recvmsg, over a blocking socket. Receive appends
// to `handles`, gives back how many bytes came, and ends the process when the other side has gone.
void SendWithHandles(int socket, std::span<const std::byte> bytes, std::span<const int> handles);
std::size_t ReceiveWithHandles(int socket, std::span<std::byte> into,
                               std::vector<baton::platform::Handle>& handles);

// The same for handles alone.
void SendHandles(int socket, std::span<const int> handles);
std::vector<baton::platform::Handle> ReceiveHandles(int socket);

}  // namespace peers
