// The ways in which two sides can be connected. The suites here run on each of them:
//
//   PEER(Echo) {
//     RunEchoChild(std::move(channel_end));      // which begins with Accept
//   }
//
//   TEST_CASE("...") {
//     const Transport transport = EachTransport();
//     const Guarded guarded;
//     Peer peer = START_PEER(transport.peer, Echo);
//     ParentSide parent(peer, transport);        // which begins with Offer
//
// The test's side chooses: Offer tells the peer by the first byte that goes through the socket
// between them. Through that socket they then talk, or, two threads, through what Offer has put
// aside for Accept.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include <baton/baton.h>
#include <baton/platform/local_socket.h>

#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

enum class Path : std::uint8_t {
  kSocket,      // no ring
  kRing,        // as by default
  kRingAsleep,  // nobody spins or yields
  kSmallRing,   // the smallest there is: senders wait for room
  kSmallRingAsleep,
  kInProcess,  // threads only
};

struct Transport {
  PeerKind peer;
  Path path;
};

inline Transport EachTransport() {
  return GENERATE(values<Transport>({{PeerKind::kThread, Path::kSocket},
                                     {PeerKind::kThread, Path::kRing},
                                     {PeerKind::kThread, Path::kRingAsleep},
                                     {PeerKind::kThread, Path::kInProcess},
                                     {PeerKind::kProcess, Path::kSocket},
                                     {PeerKind::kProcess, Path::kRing},
                                     {PeerKind::kProcess, Path::kRingAsleep}}));
}

inline Path EachPath() {
  return GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep, Path::kInProcess);
}

// For what only threads can show.
inline Transport EachTransportToThread() {
  return {PeerKind::kThread, EachPath()};
}

inline ChannelOptions OptionsFor(Path path) {
  ChannelOptions options;
  if (path == Path::kSocket) options.ring_bytes = 0;
  const bool is_small = path == Path::kSmallRing || path == Path::kSmallRingAsleep;
  const bool is_asleep = path == Path::kRingAsleep || path == Path::kSmallRingAsleep;
  if (is_small) options.ring_bytes = std::size_t{64} << 10;
  if (is_asleep) options.max_spin = {};
  return options;
}

// Both ends within this process.
template <class Parent, class Child>
std::pair<Endpoint<Parent>, Endpoint<Child>> CreateEndpointsOn(Path path) {
  if (path == Path::kInProcess) return CreateInProcessEndpoints<Parent, Child>();
  return Must(CreateEndpoints<Parent, Child>());
}

// What an actor can be bound to.
struct Link {
  internal::EndpointParts parts;
  ChannelOptions options;
};

// The end of a thread that it has not taken yet.
class PutAside {
 public:
  void Put(internal::EndpointParts parts) {
    const std::lock_guard lock(mutex_);
    parts_ = std::move(parts);
  }
  internal::EndpointParts Take() {
    const std::lock_guard lock(mutex_);
    return *std::exchange(parts_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::optional<internal::EndpointParts> parts_;
};

inline PutAside put_aside;

// The test's side.
inline Link Offer(Peer& peer, Transport transport) {
  platform::Handle socket = peer.TakeEnd();
  internal::EndpointParts parts;
  if (transport.path == Path::kInProcess) {
    auto [here, there] = internal::CreateInProcessParts();
    put_aside.Put(std::move(there));
    parts = std::move(here);
  }
  const auto said = static_cast<std::byte>(transport.path);
  Must(platform::SendSome(socket, std::span(&said, 1), {}));
  if (transport.path != Path::kInProcess) parts.socket = std::move(socket);
  return {std::move(parts), OptionsFor(transport.path)};
}

// The peer's side.
inline Link Accept(platform::Handle channel_end) {
  pollfd readable = {channel_end.get(), POLLIN, 0};
  PEER_EXPECT(::poll(&readable, 1, -1) == 1);
  std::byte said = {};
  PEER_EXPECT(::read(channel_end.get(), &said, 1) == 1);
  const auto path = static_cast<Path>(said);
  internal::EndpointParts parts;
  if (path == Path::kInProcess) {
    parts = put_aside.Take();
  } else {
    parts.socket = std::move(channel_end);
  }
  return {std::move(parts), OptionsFor(path)};
}

}  // namespace baton::testing
