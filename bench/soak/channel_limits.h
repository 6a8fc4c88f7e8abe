// The channels of a soak: nothing in it ends because a machine is slow.
#pragma once

#include <chrono>

#include <baton/channel_options.h>

namespace soak {

inline baton::ChannelOptions ChannelLimits() {
  baton::ChannelOptions options;
  options.handshake_deadline = options.close_deadline = std::chrono::minutes(2);
  return options;
}

}  // namespace soak
