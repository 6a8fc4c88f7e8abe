// A frame that is not dispatched yet, and that nobody else can change: it owns all that it needs.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <baton/wire/table.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

class HeldFrame {
 public:
  // Takes over handles and memory; copies a payload that lies elsewhere, in a ring or a buffer.
  explicit HeldFrame(Frame&& frame) : frame_(std::move(frame)) {
    frame_.may_change = false;
    if (!frame_.carried.bytes().empty()) return;
    payload_.assign(frame_.payload.begin(), frame_.payload.end());
    frame_.payload = payload_;
  }
  HeldFrame(HeldFrame&&) = default;
  HeldFrame& operator=(HeldFrame&&) = default;

  Frame& frame() { return frame_; }
  const FrameHeader& header() const { return frame_.header; }

  // What it holds of memory and of open files; a payload in memory of its own counts as one of
  // those as well.
  std::size_t bytes() const { return kFrameHeaderSize + frame_.payload.size(); }
  std::size_t handles() const {
    return frame_.handles.size() + (frame_.carried.bytes().empty() ? 0 : 1);
  }

 private:
  std::vector<std::byte> payload_;
  Frame frame_;
};

// How a held frame waits. `message` is there for those that do not wait as most do.
struct Turn {
  const wire::Message* message = nullptr;
  wire::Queueing queueing = {};
  bool is_of_tree = false;
};

}  // namespace baton::internal
