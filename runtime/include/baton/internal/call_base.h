// A question that was sent and whose answer is awaited. It finishes exactly once, by the channel or
// by being given up; the completion handler is attached before or after that.
//
// Threads: all on the actor's executor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <system_error>

namespace baton::internal {

class Channel;

class CallBase {
 public:
  CallBase() = default;
  CallBase(const CallBase&) = delete;
  CallBase& operator=(const CallBase&) = delete;
  virtual ~CallBase() = default;

  // Where the answer is decoded to: the Reply, default-made.
  virtual void* reply() = 0;

  // Of a question that was given up: lets go of all that a late answer has brought.
  virtual void DropReply() = 0;

  // The answer is in reply(), or `error` says why there is none.
  void Finish(std::error_code error) {
    if (finished_) return;
    finished_ = true;
    error_ = error;
    OnFinished();
  }

  bool finished() const { return finished_; }

  // It has been sent, and is `number` among those of `channel`.
  void Sent(std::weak_ptr<Channel> channel, std::uint64_t number);

 protected:
  virtual void OnFinished() = 0;

  // Completes with `reason`, later; when the answer comes it is dropped. Does nothing to one that
  // is finished.
  void GiveUp(std::error_code reason);

  // Gives up at `time` with std::errc::timed_out, instead of at any other; never at the clock's
  // last.
  void GiveUpAt(std::chrono::steady_clock::time_point time);

  std::error_code error_;

 private:
  bool finished_ = false;
  std::weak_ptr<Channel> channel_;  // none before it is sent
  std::uint64_t number_ = 0;
};

}  // namespace baton::internal
