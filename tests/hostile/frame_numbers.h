// Honest headers for what a raw peer says: each lane's frames are numbered, and its questions.
// Tests change them.
#pragma once

#include <cstdint>

#include <baton/wire/rows.h>
#include "runtime/channel/frame.h"

namespace baton::testing {

class FrameNumbers {
 public:
  internal::FrameHeader HeaderOf(const wire::Message& message, std::uint32_t actor = 0) {
    internal::FrameHeader header;
    header.lane = internal::Lane::kData;
    header.kind = internal::FrameKind::kMessage;
    header.message = message.id;
    header.actor = actor;
    header.sequence = ++data_sequence_;
    if (message.reply != nullptr) header.call = ++call_;
    return header;
  }

  internal::FrameHeader ControlHeader(internal::FrameKind kind) {
    internal::FrameHeader header;
    header.kind = kind;
    header.sequence = ++control_sequence_;
    return header;
  }

 private:
  std::uint64_t data_sequence_ = 0;
  std::uint64_t control_sequence_ = 0;
  std::uint64_t call_ = 0;
};

}  // namespace baton::testing
