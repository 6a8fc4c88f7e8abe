// A child process to measure against.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <baton/baton.h>

#include "bench/placement.h"
#include "benchParent.h"

namespace bench {

// How both sides wait for the next message.
enum class ActorsWait {
  kAsChosen,  // by the default options
  kAsleep,    // they sleep at once
};

// A typed actor over there. Each call waits for its answer, running the loop meanwhile.
class ActorPair {
 public:
  // `ring_bytes`: of the ring to the other side; that of the ring from there is the default.
  explicit ActorPair(Placement placement = Placement::kTwoCpus,
                     ActorsWait wait = ActorsWait::kAsChosen,
                     std::size_t ring_bytes = baton::ChannelOptions().ring_bytes);
  // The other side has the default options, but for the revocation.
  explicit ActorPair(const baton::ChannelOptions& options);
  ~ActorPair();

  // 64 bytes there and 64 back, in two messages, so many times.
  void Volleys(std::uint64_t rounds);
  // A question of 64 bytes and its answer.
  void Ask();
  void Ping(const std::vector<std::byte>& payload);
  // So many messages of 64 bytes, or with so many in an array, until the other side has all.
  void OneWay(std::uint64_t messages);
  void OneWay(std::uint64_t messages, const std::vector<std::byte>& piece);
  baton::Shmem Bounce(baton::Shmem memory);
  // The memory there and back, in two messages, so many times.
  baton::Shmem Passes(baton::Shmem memory, std::uint64_t rounds);
  // Fills new memory of `size` bytes, hands it over, and waits until it has been read.
  void Show(std::size_t size);
  PBenchParent& actor();

 private:
  class Parent;

  void Start(const std::string& role, Placement placement, const baton::ChannelOptions& options);
  template <class Send>
  void SendAll(std::uint64_t messages, Send send);

  boost::asio::io_context io_;
  std::shared_ptr<Parent> parent_;
  baton::Process process_;
  int shown_ = 0;
};

// The yardstick: epoll and a bare socket on both sides.
class SocketPair {
 public:
  explicit SocketPair(Placement placement = Placement::kTwoCpus);

  // Sends `size` bytes (at most 4096) and waits until they are back.
  void RoundTrip(std::size_t size);

 private:
  baton::platform::Handle socket_;
  baton::platform::Handle poller_;
  baton::Process process_;
};

}  // namespace bench
