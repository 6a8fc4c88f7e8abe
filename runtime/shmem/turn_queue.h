// Threads of one process that take turns, the longest waiting first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>

namespace baton::internal {

class TurnQueue {
 public:
  // False: it was not this thread's turn by then.
  bool Enter(std::chrono::steady_clock::time_point until);

  // By whoever has entered, from any thread.
  void Leave();

  std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable turned_;
  bool taken_ = false;
  std::list<bool*> waiting_;  // set when it is their turn; they lie on the stacks that wait
};

}  // namespace baton::internal
