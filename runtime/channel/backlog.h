// Frames of the data lane that have been received and are not dispatched yet, in the order in which
// they were sent.
//
// Most channels never hold any: a frame is dispatched where it lies. This is for those that look
// ahead, or that must wait for something else first.
#pragma once

#include <cstddef>
#include <list>
#include <optional>

#include "runtime/channel/held_frame.h"

namespace baton::internal {

class Backlog {
 public:
  // What may be held; one frame more, of any size, may come on top.
  struct Limits {
    std::size_t bytes;
    std::size_t frames;
    std::size_t handles;
  };

  explicit Backlog(const Limits& limits) : limits_(limits) {}

  // Whether the next frame may be taken. While it may not, data is left where it is.
  bool has_room() const {
    return bytes_ < limits_.bytes && frames_.size() < limits_.frames && handles_ < limits_.handles;
  }

  // Behind all others.
  void Push(HeldFrame frame);

  // Takes the oldest; nothing when there is none.
  std::optional<HeldFrame> PopFirst();

  // Takes the oldest whose header `is_wanted`; nothing when there is none.
  template <class Predicate>
  std::optional<HeldFrame> PopFirst(Predicate is_wanted) {
    for (auto one = frames_.begin(); one != frames_.end(); ++one) {
      if (is_wanted(one->header())) return TakeOut(one);
    }
    return std::nullopt;
  }

  bool empty() const { return frames_.empty(); }
  std::size_t frames() const { return frames_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t handles() const { return handles_; }
  void Clear();

 private:
  HeldFrame TakeOut(std::list<HeldFrame>::iterator at);

  const Limits limits_;
  std::list<HeldFrame> frames_;
  std::size_t bytes_ = 0;
  std::size_t handles_ = 0;
};

}  // namespace baton::internal
