// A question that was sent and whose answer is awaited. The channel finishes it exactly once; the
// completion handler is attached before or after that.
#pragma once

#include <system_error>

namespace baton::internal {

class CallBase {
 public:
  CallBase() = default;
  CallBase(const CallBase&) = delete;
  CallBase& operator=(const CallBase&) = delete;
  virtual ~CallBase() = default;

  // Where the answer is decoded to: the Reply, default-made.
  virtual void* reply() = 0;

  // The answer is in reply(), or `error` says why there is none.
  void Finish(std::error_code error) {
    if (finished_) return;
    finished_ = true;
    error_ = error;
    OnFinished();
  }

  bool finished() const { return finished_; }

 protected:
  virtual void OnFinished() = 0;

  std::error_code error_;

 private:
  bool finished_ = false;
};

}  // namespace baton::internal
