// Many messages, one wake-up.
//
//   {
//     const baton::HoldBack batch(*actor);
//     for (const Point& point : points) BATON_CHECKED(actor->SendPoint(point));
//   }  // here the peer hears of them
#pragma once

#include <memory>

namespace baton {

class Actor;

namespace internal {
class Channel;
}  // namespace internal

// While it lives, what the actor sends waits until the last of its HoldBacks has gone, and then
// leaves together, with one system call. What the ring has no room for leaves earlier, 64 KiB at a
// time.
// Order, limits and errors of SendX are as ever. Not to be held while waiting for an answer or for
// Drained: the question may not have left. On the actor's executor.
class HoldBack {
 public:
  explicit HoldBack(Actor& actor);
  HoldBack(const HoldBack&) = delete;
  HoldBack& operator=(const HoldBack&) = delete;
  ~HoldBack();

 private:
  std::shared_ptr<internal::Channel> channel_;  // null when there was none
};

}  // namespace baton
