// WithoutPool(): what is freed is gone. For tests that look for what memory leaves behind.
#pragma once

#include <utility>

#include <baton/channel_options.h>

namespace baton::testing {

inline ChannelOptions WithoutPool(ChannelOptions options = {}) {
  options.max_pooled_bytes = 0;
  return options;
}

}  // namespace baton::testing
