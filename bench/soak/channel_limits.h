// The channels of a soak: nothing in it ends because a machine is slow, or because a child waits
// for an answer behind a full queue while its parent closes (docs/runtime.md, Sync messages).
#pragma once

#include <chrono>

#include <baton/channel_options.h>

namespace soak {

inline baton::ChannelOptions ChannelLimits() {
  baton::ChannelOptions options;
  options.handshake_deadline = options.close_deadline = std::chrono::minutes(2);
  options.max_pooled_bytes = 0;  // what is freed is gone: counts at quiet points are equal
  return options;
}

}  // namespace soak
