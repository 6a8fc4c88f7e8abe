// What a channel remembers for those who look at it.
#pragma once

#include <cstdint>

namespace baton::internal {

struct HandlerView;  // runtime/channel/channel_looking.cc

struct ChannelView {
  std::uint64_t number = 0;  // of the channels of this process, from 1
  // What this side said in HELLO, and the peer: a number that names messages of that direction in
  // the traces of both processes, plus their sequence; 0 where no trace is written.
  std::uint64_t flow = 0;
  std::uint64_t peer_flow = 0;
  HandlerView* handler = nullptr;  // of the message that is being dispatched, if it is looked at
  std::uint64_t queued_bytes = 0;  // as told last
};

}  // namespace baton::internal
