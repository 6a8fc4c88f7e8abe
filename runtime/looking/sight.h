// What there is to see of a channel: the words that the message log and the trace are told in.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <baton/actor.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

using Moment = std::chrono::steady_clock::time_point;  // CLOCK_MONOTONIC: one for the machine

// One end of a channel.
struct ChannelName {
  std::string_view protocol;
  Side side;
  std::uint64_t number;  // of the channels of this process, from 1
};

// One message, answer or refusal on its way, at one of its ends.
struct MessageSight {
  ChannelName channel;
  std::string_view message;  // full name
  FrameKind kind;            // kMessage, kReply, kReject
  bool is_sent;              // else received
  std::uint64_t call = 0;    // the question, or 0
  std::uint64_t sequence = 0;
  std::uint64_t flow = 0;          // the same at both ends, or 0 where that is not known
  std::uint64_t bytes = 0;         // payload
  std::uint64_t shared_bytes = 0;  // shared memory that goes along
  std::string values = {};         // as text, when somebody wants them
  std::string problem = {};        // why it was not sent, or what the refusal says
};

}  // namespace baton::internal
