// A child process to measure against.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include <baton/baton.h>

#include "bench/placement.h"
#include "benchParent.h"

namespace bench {

// A typed actor over there. Each call waits for its answer, running the loop meanwhile.
class ActorPair {
 public:
  explicit ActorPair(Placement placement = Placement::kTwoCpus);
  ~ActorPair();

  void Ping(const std::vector<std::byte>& payload);
  baton::Shmem Bounce(baton::Shmem memory);
  PBenchParent& actor();

 private:
  class Parent;
  boost::asio::io_context io_;
  std::shared_ptr<Parent> parent_;
  baton::Process process_;
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
