#include "runtime/shmem/turn_queue.h"

namespace baton::internal {

bool TurnQueue::Enter(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  if (!taken_) {
    taken_ = true;
    return true;
  }
  bool is_my_turn = false;
  const auto place = waiting_.insert(waiting_.end(), &is_my_turn);
  if (turned_.wait_until(lock, until, [&] { return is_my_turn; })) return true;
  waiting_.erase(place);
  return false;
}

void TurnQueue::Leave() {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    *waiting_.front() = true;
    waiting_.pop_front();
  }
  turned_.notify_all();
}

std::size_t TurnQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace baton::internal
