#include "runtime/channel/backlog.h"

#include <utility>

namespace baton::internal {

void Backlog::Push(HeldFrame frame) {
  bytes_ += frame.bytes();
  handles_ += frame.handles();
  frames_.push_back(std::move(frame));
}

std::optional<HeldFrame> Backlog::PopFirst() {
  if (frames_.empty()) return std::nullopt;
  return TakeOut(frames_.begin());
}

HeldFrame Backlog::TakeOut(std::list<HeldFrame>::iterator at) {
  HeldFrame frame = std::move(*at);
  frames_.erase(at);
  bytes_ -= frame.bytes();
  handles_ -= frame.handles();
  return frame;
}

void Backlog::Clear() {
  frames_.clear();
  bytes_ = handles_ = 0;
}

}  // namespace baton::internal
