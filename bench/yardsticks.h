// What the channel's promises are held against: the same exchange between two pinned processes with
// what the kernel and the memory offer, and nothing around it. SocketPair (two_processes.h) is the
// yardstick of epoll and bytes through a socket.
//
// Each object starts a child of its own. Every call blocks until the exchange is complete, so that
// calls of several objects can take turns in MediansInTurn (median.h):
//
//   ActorPair actors;
//   RingPair ring(Waiting::kSpinInTurn);
//   const auto [ours, bare] =
//       MediansInTurn(kRounds, {[&] { actors.Ping(payload); }, [&] { ring.RoundTrip(64); }});
//
// A child whose turn it is not is asleep, or looks once in a millisecond (kSpinInTurn).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <baton/platform/handle.h>
#include <baton/platform/process.h>

#include "bench/bare/bare_stream.h"
#include "bench/bare/ring_end.h"
#include "bench/placement.h"

namespace bench {

// Two rings of 1 MiB in a memfd, one per direction. By `waiting`:
//   kSpinInTurn   nobody sleeps: the least that two processes need (on one CPU both yield)
//   kFutex        asleep on a word in the ring, woken by futex
//   kEpoll        asleep in epoll_wait, woken by a few bytes on a socket: a doorbell
class RingPair {
 public:
  explicit RingPair(Waiting waiting, Placement placement = Placement::kTwoCpus);

  // Sends `size` bytes, at least 8 and at most 64 KiB, and waits for as many. The child reads in
  // place; both sides write each message once.
  void RoundTrip(std::size_t size);

  // Sends so many messages of `size` bytes, as fast as there is room, and waits until the child has
  // all of them. Each is copied into the ring here, and there to private memory: divide by the
  // time.
  void OneWay(int messages, std::size_t size);

 private:
  void Send(std::size_t size, bool answered);

  struct Shared;
  RingPair(Shared shared, Waiting waiting, Placement placement);

  baton::platform::Handle bell_;
  RingEnd end_;
  std::vector<std::byte> message_;
  baton::platform::Process child_;
};

// A blocking unix stream socket: a write per message, reads that take what is there.
class StreamPair {
 public:
  explicit StreamPair(Placement placement = Placement::kTwoCpus);

  // As those of RingPair.
  void RoundTrip(std::size_t size);
  void OneWay(int messages, std::size_t size);

 private:
  void Send(std::size_t size, bool answered);

  explicit StreamPair(std::pair<baton::platform::Handle, baton::platform::Handle> sockets,
                      Placement placement);

  baton::platform::Handle socket_;
  BareStream stream_;
  baton::platform::Process child_;
};

// What bench_child does in the roles of the yardsticks, with what it has inherited. Ends with the
// process.
[[noreturn]] void AnswerOnRing(Waiting waiting);
[[noreturn]] void AnswerOnStream();

}  // namespace bench
