// Connections that have not introduced themselves yet.
#pragma once

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <list>
#include <memory>

#include <baton/platform/handle.h>
#include <baton/platform/peer_identity.h>

#include "runtime/meeting/introduction.h"

namespace baton::internal {

struct HalfOpen {
  HalfOpen(platform::Handle socket, platform::PeerProcess peer,
           const boost::asio::any_io_executor& executor)
      : socket(std::move(socket)), peer(std::move(peer)), watch(executor) {}
  HalfOpen(const HalfOpen&) = delete;
  HalfOpen& operator=(const HalfOpen&) = delete;
  ~HalfOpen() { StopWatching(); }

  // The handle closes what it owns; the watch must not close it a second time.
  void StopWatching() {
    if (watch.is_open()) watch.release();
  }

  platform::Handle socket;
  platform::PeerProcess peer;
  boost::asio::posix::stream_descriptor watch;  // open while more bytes are awaited
  std::chrono::steady_clock::time_point deadline;
  std::array<std::byte, kIntroductionSize> bytes = {};
  std::size_t received = 0;
};

// In the order in which they came, which is that of their deadlines.
using HalfOpenList = std::list<std::shared_ptr<HalfOpen>>;

// Whose place a new one takes when the list is full: the oldest of the process that has most. So a
// process that floods displaces itself. The list is not empty.
HalfOpenList::const_iterator ChooseDisplaced(const HalfOpenList& list);

}  // namespace baton::internal
